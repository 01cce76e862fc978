#pragma once

// What the inputs that make an object (PutObject, CopyObject, CreateMultipartUpload) have in common.

#include <fmt/format.h>

#include "aws/s3/acl.h"
#include "aws/s3/enter.h"
#include "aws/s3/names.h"
#include "aws/s3/object_lock.h"
#include "base/text.h"

namespace meetinity::s3 {

inline constexpr uint64_t kSinglePutBytesMax = uint64_t{5} << 30;  // 5 GiB; larger ones come in parts
inline constexpr uint64_t kObjectBytesMax = uint64_t{5} << 40;     // 5 TiB

// "aws-chunked" describes the transfer and is not kept; "gzip,aws-chunked" keeps "gzip".
inline std::optional<std::string> KeptEncoding(const std::optional<std::string>& encoding) {
  if (!encoding) return encoding;
  std::vector<std::string> kept;
  for (std::string_view token : Split(*encoding, ','))
    if (token = Trim(token); !token.empty() && !EqualsIgnoreCase(token, "aws-chunked")) kept.emplace_back(token);
  if (kept.empty()) return std::nullopt;
  return Join(kept, ",");
}

template <class Input>
Result<ObjectHeaders> HeadersOf(const Input& in) {
  ObjectHeaders headers{.cache_control = in.cache_control,
                        .content_disposition = in.content_disposition,
                        .content_encoding = KeptEncoding(in.content_encoding),
                        .content_language = in.content_language,
                        .content_type = in.content_type,
                        .expires = in.expires,
                        .website_redirect_location = in.website_redirect_location,
                        .metadata = {}};
  if (in.metadata)
    for (const auto& [name, value] : *in.metadata) headers.metadata.emplace(ToLower(name), value);
  const auto& redirect = headers.website_redirect_location;
  if (redirect && !redirect->starts_with('/') && !redirect->starts_with("http://") &&
      !redirect->starts_with("https://"))
    return Error{Kind::kInvalid, kInvalidArgument,
                 "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."};
  TRY(CheckHeaders(headers));
  return headers;
}

// A key that the client brings for each object is not served, on reads neither.
template <class Input>
Status CheckNoCustomerKey(const Input& in) {
  if (in.sse_customer_algorithm || in.sse_customer_key || in.sse_customer_key_md5)
    return NotServed("Encryption with customer-provided keys is not served.");
  return {};
}

template <class Input>
Status CheckServedForWrite(const Input& in) {
  TRY(CheckNoCustomerKey(in));
  if (in.server_side_encryption && *in.server_side_encryption != ServerSideEncryption::kAes256)
    return NotServed(fmt::format("Encryption with {} is not served, only AES256.", *in.server_side_encryption));
  if (in.ssekms_key_id || in.ssekms_encryption_context) return NotServed("Encryption with KMS keys is not served.");
  return {};
}

// What policies may ask of a write: how it is to be stored, and who is to read it.
template <class Input>
iam::ContextKeys WriteKeys(const Input& in) {
  iam::ContextKeys keys;
  const auto add = [&keys](std::string_view name, const auto& value) {
    if (value) keys.try_emplace(std::string(name), std::vector<std::string>{std::string(*value)});
  };
  AddAclKeys(AclHeadersOf(in), keys);
  add("s3:x-amz-server-side-encryption", in.server_side_encryption);
  add("s3:x-amz-storage-class", in.storage_class);
  return keys;
}

// An object as the client describes it, without its bytes.
template <class Input>
Result<StoredVersion> DescribedObject(const wire::Call& call, const Input& in) {
  TRY(CheckServedForWrite(in));
  StoredVersion object;
  object.bucket = in.bucket;
  object.key = in.key;
  object.modified = call.now;
  object.storage_class = TRY(ParseStorageClass(in.storage_class));
  object.headers = TRY(HeadersOf(in));
  if (in.tagging) object.tags = TRY(ParseTagging(*in.tagging));
  object.lock = TRY(ParseObjectLock(in.object_lock_mode, in.object_lock_retain_until_date,
                                    in.object_lock_legal_hold_status, call.now));
  return object;
}

inline Error EntityTooLarge(uint64_t size, uint64_t max) {
  return Error{Kind::kInvalid, kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size"}
      .With("ProposedSize", std::to_string(size))
      .With("MaxSizeAllowed", std::to_string(max));
}

}  // namespace meetinity::s3
