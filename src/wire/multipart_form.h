#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace meetinity::wire {

// What may come before the file, boundaries and part headers included (S3 API Reference, "POST Object": 20 KB).
inline constexpr size_t kFormFieldsMax = 20'480;

// The boundary of a "multipart/form-data; boundary=…" content type: 1 to 70 characters (RFC 2046, section 5.1.1).
Result<std::string> ParseFormBoundary(std::string_view content_type);

struct FormField {
  std::string name;  // as sent
  std::string value;
};

// Reads the upload form of a browser: fields, then one part named "file", whose bytes pass through without being kept;
// what follows the file is ignored, as S3 ignores it (RFC 7578). Bytes come in pieces of any size, and the verdict does
// not depend on how they were split. Used by one thread at a time.
class MultipartForm {
 public:
  struct Events {
    std::function<Status()> on_file;                         // the fields are complete, and the file begins
    std::function<Status(std::string_view bytes)> on_bytes;  // of the file, in order
  };

  MultipartForm(std::string_view boundary, Events events);

  // Refuses with MalformedPOSTRequest and MaxPostPreDataLengthExceeded, or as the events do.
  Status Push(std::string_view bytes);
  // At the body's end: InvalidArgument when there was no file.
  Status Finish() const;

  const std::vector<FormField>& fields() const { return fields_; }
  const std::string& file_name() const { return file_name_; }  // as the browser says, without folders

 private:
  enum class State { kStart, kDelimiter, kHeaders, kValue, kFile, kFileEnd, kDone };

  // Whether it came further; false: more bytes are needed.
  Result<bool> Step();
  Result<bool> TakeStart();
  Result<bool> TakeDelimiter();
  Result<bool> TakeHeaders();
  Result<bool> TakeValue();
  Result<bool> TakeFile();
  Status ReadPartHeaders(std::string_view headers);
  void Consume(size_t bytes);
  // Nothing was found in what is pending: may there be more?
  Result<bool> NeedMore() const;

  const std::string delimiter_;  // CR LF "--" boundary
  const Events events_;
  State state_ = State::kStart;
  std::string pending_;
  size_t consumed_ = 0;  // before the file
  std::string part_name_;
  std::string file_name_;
  std::vector<FormField> fields_;
};

}  // namespace meetinity::wire
