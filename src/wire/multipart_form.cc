#include "wire/multipart_form.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

constexpr size_t kBoundaryMax = 70;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadersEnd = "\r\n\r\n";
constexpr std::string_view kFileField = "file";

Error Malformed() {
  return {Kind::kInvalid, kMalformedPostRequest,
          "The body of your POST request is not well-formed multipart/form-data."};
}

Error TooLarge() {
  return Error{Kind::kInvalid, kMaxPostPreDataLengthExceeded,
               "Your POST request fields preceding the upload file were too large."}
      .With("MaxPostPreDataLengthBytes", std::to_string(kFormFieldsMax));
}

// The value at the front of `rest`, which goes behind it: a quoted string with its escapes undone, or a token.
std::optional<std::string> TakeParameterValue(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    value = std::string(Trim(rest.substr(0, rest.find(';'))));
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    return value;
  }
  for (size_t i = 1; i < rest.size(); ++i) {
    const bool escapes = rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\');
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    value += rest[escapes ? ++i : i];
  }
  return std::nullopt;
}

// The parameter of "form-data; name="a"; filename="b""; empty when it is not there.
Result<std::optional<std::string>> FindParameter(std::string_view disposition, std::string_view wanted) {
  size_t semicolon = disposition.find(';');
  while (semicolon != std::string_view::npos) {
    std::string_view rest = disposition.substr(semicolon + 1);
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return Malformed();
    const std::string_view name = Trim(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::optional<std::string> value = TakeParameterValue(rest);
    if (!value) return Malformed();
    if (EqualsIgnoreCase(name, wanted)) return value;
    disposition = rest;
    semicolon = disposition.find(';');
  }
  return std::optional<std::string>();
}

}  // namespace

Result<std::string> ParseFormBoundary(std::string_view content_type) {
  std::optional<std::string> boundary = TRY(FindParameter(content_type, "boundary"));
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryMax) return Malformed();
  return *std::move(boundary);
}

MultipartForm::MultipartForm(std::string_view boundary, Events events)
    : delimiter_(std::string(kLineEnd) + "--" + std::string(boundary)), events_(std::move(events)) {}

Status MultipartForm::Push(std::string_view bytes) {
  if (state_ == State::kDone) return {};
  pending_.append(bytes);
  while (state_ != State::kDone && TRY(Step())) {
  }
  return {};
}

Status MultipartForm::Finish() const {
  if (state_ == State::kDone && part_name_ == kFileField) return {};
  if (state_ != State::kDone) return Malformed();
  return Error{Kind::kInvalid, kInvalidArgument, "POST requires exactly one file upload per request."}
      .With("ArgumentName", "file")
      .With("ArgumentValue", "0");
}

Result<bool> MultipartForm::Step() {
  switch (state_) {
    case State::kStart:
      return TakeStart();
    case State::kDelimiter:
    case State::kFileEnd:
      return TakeDelimiter();
    case State::kHeaders:
      return TakeHeaders();
    case State::kValue:
      return TakeValue();
    case State::kFile:
      return TakeFile();
    case State::kDone:
      return false;
  }
  return false;
}

// The first delimiter has no line before it.
Result<bool> MultipartForm::TakeStart() {
  const std::string_view first = std::string_view(delimiter_).substr(kLineEnd.size());
  const size_t there = std::min(first.size(), pending_.size());
  if (std::string_view(pending_).substr(0, there) != first.substr(0, there)) return Malformed();
  if (there < first.size()) return false;
  Consume(first.size());
  state_ = State::kDelimiter;
  return true;
}

Result<bool> MultipartForm::TakeDelimiter() {
  if (pending_.size() < 2) return false;
  const bool last = pending_.starts_with("--");
  if (!last && !pending_.starts_with(kLineEnd)) return Malformed();
  if (state_ == State::kFileEnd || last) {
    state_ = State::kDone;
    std::string().swap(pending_);
    return true;
  }
  // The end of the line stays: a part without headers then ends them at once.
  state_ = State::kHeaders;
  return true;
}

Result<bool> MultipartForm::TakeHeaders() {
  const size_t end = pending_.find(kHeadersEnd);
  if (end == std::string::npos) return NeedMore();
  if (consumed_ + end + kHeadersEnd.size() > kFormFieldsMax) return TooLarge();
  TRY(ReadPartHeaders(std::string_view(pending_).substr(0, end)));
  Consume(end + kHeadersEnd.size());
  state_ = part_name_ == kFileField ? State::kFile : State::kValue;
  if (state_ == State::kFile) TRY(events_.on_file());
  return true;
}

Status MultipartForm::ReadPartHeaders(std::string_view headers) {
  for (std::string_view line : Split(headers, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !EqualsIgnoreCase(line.substr(0, colon), "content-disposition")) continue;
    const std::string_view disposition = Trim(line.substr(colon + 1));
    if (!EqualsIgnoreCase(Trim(disposition.substr(0, disposition.find(';'))), "form-data")) return Malformed();
    std::optional<std::string> name = TRY(FindParameter(disposition, "name"));
    if (!name || name->empty()) return Malformed();
    part_name_ = EqualsIgnoreCase(*name, kFileField) ? std::string(kFileField) : *std::move(name);
    const std::string path = TRY(FindParameter(disposition, "filename")).value_or("");
    file_name_ = path.substr(path.find_last_of("/\\") + 1);  // npos + 1 is 0: all of it
    return {};
  }
  return Malformed();
}

Result<bool> MultipartForm::TakeValue() {
  const size_t end = pending_.find(delimiter_);
  if (end == std::string::npos) return NeedMore();
  if (consumed_ + end + delimiter_.size() > kFormFieldsMax) return TooLarge();
  fields_.push_back({part_name_, pending_.substr(0, end)});
  Consume(end + delimiter_.size());
  state_ = State::kDelimiter;
  return true;
}

Result<bool> MultipartForm::TakeFile() {
  const size_t end = pending_.find(delimiter_);
  if (end != std::string::npos) {
    if (end > 0) TRY(events_.on_bytes(std::string_view(pending_).substr(0, end)));
    pending_.erase(0, end + delimiter_.size());
    state_ = State::kFileEnd;
    return true;
  }
  // All but what may be the beginning of a delimiter.
  if (pending_.size() < delimiter_.size()) return false;
  const size_t sure = pending_.size() - (delimiter_.size() - 1);
  TRY(events_.on_bytes(std::string_view(pending_).substr(0, sure)));
  pending_.erase(0, sure);
  return false;
}

void MultipartForm::Consume(size_t bytes) {
  pending_.erase(0, bytes);
  consumed_ += bytes;
}

Result<bool> MultipartForm::NeedMore() const {
  if (consumed_ + pending_.size() > kFormFieldsMax) return TooLarge();
  return false;
}

}  // namespace meetinity::wire
