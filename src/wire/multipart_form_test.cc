#include "wire/multipart_form.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace meetinity::wire {
namespace {

struct FormOutcome {
  std::string error;  // "" when it was read to its end
  std::string fields;
  std::string file_name;
  std::string file;
  bool operator==(const FormOutcome&) const = default;
};

FormOutcome Read(std::string_view body, size_t piece) {
  FormOutcome outcome;
  MultipartForm form("xx", {[] { return Status(); },
                            [&](std::string_view bytes) {
                              outcome.file += bytes;
                              return Status();
                            }});
  Status status;
  for (size_t at = 0; status.ok() && at < body.size(); at += piece) status = form.Push(body.substr(at, piece));
  if (status.ok()) status = form.Finish();
  if (!status.ok()) return {std::string(status.error().name), "", "", ""};
  for (const FormField& field : form.fields()) outcome.fields += field.name + "=" + field.value + ";";
  outcome.file_name = form.file_name();
  return outcome;
}

// Whole, and byte by byte: always the same.
FormOutcome Read(std::string_view body) {
  const FormOutcome whole = Read(body, body.size() + 1);
  for (const size_t piece : {1U, 2U, 7U}) EXPECT_EQ(Read(body, piece), whole) << piece;
  return whole;
}

std::string Part(std::string_view disposition, std::string_view content) {
  return "--xx\r\nContent-Disposition: " + std::string(disposition) + "\r\n\r\n" + std::string(content) + "\r\n";
}

TEST(MultipartForm, ReadsFieldsAndThenTheFile) {
  const FormOutcome read = Read(
      Part("form-data; name=\"key\"", "a b") + Part("form-data; name=empty", "") +
      Part("form-data; name=\"file\"; filename=\"C:\\dir\\cat.png\"\r\nContent-Type: image/png", "one\r\n--x\r\ntwo") +
      "--xx--\r\n");
  EXPECT_EQ(read, (FormOutcome{"", "key=a b;empty=;", "cat.png", "one\r\n--x\r\ntwo"}));
}

TEST(MultipartForm, IgnoresWhatFollowsTheFile) {
  const FormOutcome read =
      Read(Part("form-data; name=\"file\"", "x") + Part("form-data; name=\"late\"", "ignored") + "--xx--");
  EXPECT_EQ(read, (FormOutcome{"", "", "", "x"}));
}

TEST(MultipartForm, TakesAnEmptyFileAndEscapedQuotes) {
  EXPECT_EQ(Read(Part("form-data; name=\"File\"; filename=\"a\\\"b;c\"", "") + "--xx--"),
            (FormOutcome{"", "", "a\"b;c", ""}));
}

TEST(MultipartForm, RefusesWhatIsNoForm) {
  EXPECT_EQ(Read("").error, kMalformedPostRequest);
  EXPECT_EQ(Read("hello").error, kMalformedPostRequest);
  EXPECT_EQ(Read("--xy\r\n").error, kMalformedPostRequest);
  EXPECT_EQ(Read("--xxyy").error, kMalformedPostRequest);
  EXPECT_EQ(Read("--xx\r\n\r\n\r\nno headers\r\n--xx--").error, kMalformedPostRequest);
  EXPECT_EQ(Read(Part("attachment; name=\"file\"", "x") + "--xx--").error, kMalformedPostRequest);
  EXPECT_EQ(Read(Part("form-data; name=\"file", "x") + "--xx--").error, kMalformedPostRequest);
  EXPECT_EQ(Read(Part("form-data; name=\"file\"", "x")).error, kMalformedPostRequest);  // no end
  EXPECT_EQ(Read("--xx--").error, kInvalidArgument);                                    // and no file
  EXPECT_EQ(Read(Part("form-data; name=\"key\"", "x") + "--xx--").error, kInvalidArgument);
}

TEST(MultipartForm, BoundsWhatComesBeforeTheFile) {
  const std::string end = Part("form-data; name=\"file\"", "x") + "--xx--";
  EXPECT_EQ(Read(Part("form-data; name=\"key\"", std::string(20'000, 'k')) + end).error, "");
  EXPECT_EQ(Read(Part("form-data; name=\"key\"", std::string(20'480, 'k')) + end).error, kMaxPostPreDataLengthExceeded);
  EXPECT_EQ(Read("--xx\r\nA: " + std::string(30'000, 'h')).error, kMaxPostPreDataLengthExceeded);
  EXPECT_EQ(Read(Part("form-data; name=\"file\"", std::string(100'000, 'x')) + "--xx--").file.size(), 100'000U);
}

TEST(MultipartForm, FindsTheBoundary) {
  EXPECT_EQ(ParseFormBoundary("multipart/form-data; boundary=abc").value(), "abc");
  EXPECT_EQ(ParseFormBoundary("multipart/form-data; charset=x; Boundary=\"a b\"").value(), "a b");
  EXPECT_FALSE(ParseFormBoundary("multipart/form-data").ok());
  EXPECT_FALSE(ParseFormBoundary("multipart/form-data; boundary=").ok());
  EXPECT_FALSE(ParseFormBoundary("multipart/form-data; boundary=" + std::string(71, 'b')).ok());
}

}  // namespace
}  // namespace meetinity::wire
