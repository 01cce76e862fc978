#include "aws/s3/conditions.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/errors.h"
#include "base/text.h"

namespace meetinity::s3 {
namespace {

std::string_view Unquoted(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return etag;
}

// Whether one of the listed ETags, or '*', is the object's.
bool Lists(std::string_view header, std::string_view etag) {
  for (std::string_view candidate : Split(header, ',')) {
    candidate = Trim(candidate);
    if (candidate == "*" || Unquoted(candidate) == etag) return true;
  }
  return false;
}

// HTTP dates have whole seconds, so the object's time is cut to them before it is compared.
bool ModifiedAfter(const StoredVersion& object, Instant since) {
  return object.modified.unix_seconds() > since.unix_seconds();
}

Error PreconditionFailed(std::string_view condition) {
  return Error{Kind::kPrecondition, kPreconditionFailed,
               "At least one of the pre-conditions you specified did not hold"}
      .With("Condition", std::string(condition));
}

// The conditions that must hold for there to be an answer at all; null when they do.
const char* FailedMatch(const ReadConditions& conditions, const StoredVersion& object) {
  if (conditions.if_match) return Lists(*conditions.if_match, object.etag) ? nullptr : "If-Match";
  if (conditions.if_unmodified_since && ModifiedAfter(object, *conditions.if_unmodified_since))
    return "If-Unmodified-Since";
  return nullptr;
}

// The conditions by which a client says what it has already.
const char* FailedFreshness(const ReadConditions& conditions, const StoredVersion& object) {
  if (conditions.if_none_match) return Lists(*conditions.if_none_match, object.etag) ? "If-None-Match" : nullptr;
  if (conditions.if_modified_since && !ModifiedAfter(object, *conditions.if_modified_since)) return "If-Modified-Since";
  return nullptr;
}

Error NotImplementedHeader(std::string_view header) {
  return Error{Kind::kUnsupported, kNotImplemented,
               fmt::format("A header you provided implies functionality that is not implemented: we don't accept the "
                           "provided value of {} for this operation",
                           header)}
      .With("Header", std::string(header));
}

}  // namespace

Status CheckRead(const ReadConditions& conditions, const StoredVersion& object) {
  if (const char* failed = FailedMatch(conditions, object)) return PreconditionFailed(failed);
  if (FailedFreshness(conditions, object))
    return Error{Kind::kPrecondition, kNotModified, "Not Modified"}
        .With("etag", fmt::format("\"{}\"", object.etag))  // lower case: a response header
        .With("last-modified", object.modified.ToHttpDate());
  return {};
}

Status CheckCopySource(const ReadConditions& conditions, const StoredVersion& source) {
  const char* failed = FailedMatch(conditions, source);
  if (!failed) failed = FailedFreshness(conditions, source);
  if (failed) return PreconditionFailed(fmt::format("x-amz-copy-source-{}", failed));
  return {};
}

Status CheckForm(const WriteConditions& conditions) {
  if (conditions.if_none_match && (conditions.if_match || Trim(*conditions.if_none_match) != "*"))
    return NotImplementedHeader("If-None-Match");
  if (conditions.if_match && Trim(*conditions.if_match) == "*") return NotImplementedHeader("If-Match");
  return {};
}

Status CheckWrite(const WriteConditions& conditions, const std::optional<StoredVersion>& current,
                  std::string_view key) {
  if (conditions.if_none_match && current) return PreconditionFailed("If-None-Match");
  if (!conditions.if_match) return {};
  if (!current)
    return Error{Kind::kNotFound, kNoSuchKey, "The specified key does not exist."}.With("Key", std::string(key));
  if (!Lists(*conditions.if_match, current->etag)) return PreconditionFailed("If-Match");
  return {};
}

Status CheckDelete(const std::optional<std::string>& if_match, const std::optional<StoredVersion>& version) {
  if (!if_match || (version && Lists(*if_match, version->etag))) return {};
  return PreconditionFailed("If-Match");
}

Result<std::optional<ByteRange>> ParseRange(const std::optional<std::string>& header, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const std::optional<ByteRange> everything;
  if (!header || !header->starts_with(kUnit)) return everything;
  const std::string_view spec = Trim(std::string_view(*header).substr(kUnit.size()));
  const size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return everything;

  const std::string_view first_text = Trim(spec.substr(0, dash)), last_text = Trim(spec.substr(dash + 1));
  const auto first = ParseUnsigned(first_text), last = ParseUnsigned(last_text);
  if ((!first && !first_text.empty()) || (!last && !last_text.empty()) || (!first && !last)) return everything;
  if (first && last && *last < *first) return everything;

  const Error outside = Error{Kind::kInvalid, kInvalidRange, "The requested range is not satisfiable"}
                            .With("ActualObjectSize", std::to_string(size))
                            .With("RangeRequested", *header);
  if (!first) {  // the last so many bytes
    const uint64_t length = std::min(*last, size);
    if (length == 0) return outside;
    return std::optional(ByteRange{size - length, length});
  }
  if (*first >= size) return outside;
  const uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  return std::optional(ByteRange{*first, end - *first + 1});
}

}  // namespace meetinity::s3
