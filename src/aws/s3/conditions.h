#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/s3/state.h"
#include "base/clock.h"
#include "base/result.h"

// Conditions on requests, and ranges (RFC 9110, sections 13 and 14, as the S3 API Reference narrows them).
namespace meetinity::s3 {

// Of GET, HEAD and, about the source, of the copies.
struct ReadConditions {
  std::optional<std::string> if_match = {};
  std::optional<std::string> if_none_match = {};
  std::optional<Instant> if_modified_since = {};
  std::optional<Instant> if_unmodified_since = {};
};

// PreconditionFailed or NotModified. If-Match outweighs If-Unmodified-Since, If-None-Match outweighs If-Modified-Since.
Status CheckRead(const ReadConditions& conditions, const StoredVersion& object);
// A copy's conditions all fail with PreconditionFailed, naming the header.
Status CheckCopySource(const ReadConditions& conditions, const StoredVersion& source);

// Of what writes a key.
struct WriteConditions {
  std::optional<std::string> if_match = {};
  std::optional<std::string> if_none_match = {};
  bool any() const { return if_match || if_none_match; }
};

// Refuses, with NotImplemented, the forms that S3 does not know: both at once, If-Match: *, If-None-Match: <etag>.
Status CheckForm(const WriteConditions& conditions);
// `current` is absent when there is no object, or a delete marker. PreconditionFailed; NoSuchKey for If-Match on
// nothing.
Status CheckWrite(const WriteConditions& conditions, const std::optional<StoredVersion>& current, std::string_view key);
// A conditional DELETE, which also fails with PreconditionFailed when there is nothing.
Status CheckDelete(const std::optional<std::string>& if_match, const std::optional<StoredVersion>& version);

struct ByteRange {
  uint64_t offset = 0;
  uint64_t length = 0;
};
// Absent where S3 sends everything: no header, one that cannot be read, several ranges. InvalidRange when nothing of
// the object is in it.
Result<std::optional<ByteRange>> ParseRange(const std::optional<std::string>& header, uint64_t size);

}  // namespace meetinity::s3
