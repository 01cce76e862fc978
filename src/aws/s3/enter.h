#pragma once

// How every handler begins: the bucket that the input names, and whether the caller may. Included by the handlers only.

#include <fmt/format.h>

#include "aws/s3/errors.h"
#include "aws/s3/s3.h"
#include "aws/s3/state.h"

namespace meetinity::s3 {

template <class Input>
Result<BucketRecord> S3::EnterBucket(const store::ReadTx& tx, const wire::Call& call, const Input& in,
                                     std::string_view action) const {
  return Enter(tx, call, {in.bucket, in.expected_bucket_owner, action});
}

template <class Input>
Result<BucketRecord> S3::EnterObject(const store::ReadTx& tx, const wire::Call& call, const Input& in,
                                     std::string_view action) const {
  return Enter(tx, call, {in.bucket, in.expected_bucket_owner, action, &in.key});
}

// Rewrites a bucket's record in one transaction; `change` edits it and may refuse.
template <class Input, class Change>
Status S3::ChangeBucket(const wire::Call& call, const Input& in, std::string_view action, const Change& change) {
  return database_.Write([&](store::Tx& tx) -> Status {
    BucketRecord bucket = TRY(EnterBucket(tx, call, in, action));
    TRY(change(bucket));
    return tx.Put(bucket);
  });
}

inline Error NoSuchKey(std::string_view key) {
  return Error{Kind::kNotFound, kNoSuchKey, "The specified key does not exist."}.With("Key", std::string(key));
}

// What an operation understands and this cloud does not do.
inline Error NotServed(std::string what) { return {Kind::kUnsupported, kNotImplemented, std::move(what)}; }

inline std::string Quoted(std::string_view etag) { return fmt::format("\"{}\"", etag); }

inline std::string_view Unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

}  // namespace meetinity::s3
