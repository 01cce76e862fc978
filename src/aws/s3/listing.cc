// Listing a bucket's objects, in both versions of the operation.

#include <fmt/format.h>

#include "aws/s3/listing_input.h"
#include "base/bytes.h"

namespace meetinity::s3 {
namespace {

// Tokens are opaque: they hold the key at which the next page starts, marked so that a token of something else is
// noticed.
constexpr std::string_view kTokenMark = "1:";

std::string ToToken(std::string_view start) { return Base64Encode(fmt::format("{}{}", kTokenMark, start)); }

Result<std::string> ParseToken(const std::string& token) {
  const Result<std::string> decoded = Base64Decode(token);
  if (decoded.ok() && decoded->starts_with(kTokenMark)) return decoded->substr(kTokenMark.size());
  return Error{Kind::kInvalid, kInvalidArgument, "The continuation token provided is incorrect"}.With(
      "ArgumentName", "continuation-token");
}

Object ToModel(const ListedVersion& row, const ListingText& text) {
  Object object{.e_tag = Quoted(row.etag),
                .key = text(row.key),
                .last_modified = row.modified,
                .size = static_cast<int64_t>(row.size),
                .storage_class = row.storage_class};
  if (!row.checksum.algorithm.empty()) {
    object.checksum_algorithm = std::vector{row.checksum.algorithm};
    object.checksum_type = row.checksum.type;
  }
  return object;
}

Result<KeyPage<ListedVersion>> ListCurrent(const store::ReadTx& tx, const std::string& bucket, const KeyQuery& query) {
  return ListKeys<ListedVersion>(query, ScanTable<ListedCurrent, ListedVersion>(tx, bucket, "key"));
}

}  // namespace

Result<ListObjectsOutput> S3::ListObjects(const wire::Call& call, const ListObjectsInput& in) {
  const ListingText text = TRY(ListingText::For(in.encoding_type));
  const auto max = TRY(PageSize(in.max_keys, "max-keys"));
  KeyQuery query{.prefix = in.prefix.value_or(""), .delimiter = in.delimiter.value_or(""), .max = max, .start = ""};
  query.start = AfterMarker(in.marker.value_or(""), query.prefix, query.delimiter);
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListObjectsOutput> {
    TRY(Enter(tx, call,
              {in.bucket, in.expected_bucket_owner, "s3:ListBucket", nullptr,
               ListingKeys(in.prefix, in.delimiter, in.max_keys)}));
    const KeyPage<ListedVersion> page = TRY(ListCurrent(tx, in.bucket, query));
    ListObjectsOutput out{.common_prefixes = text.Prefixes(page.common_prefixes),
                          .contents = std::vector<Object>(),
                          .delimiter = text.IfGiven(in.delimiter),
                          .encoding_type = in.encoding_type,
                          .is_truncated = page.truncated,
                          .marker = text(in.marker.value_or("")),
                          .max_keys = static_cast<int32_t>(query.max),
                          .name = in.bucket,
                          .prefix = text(query.prefix)};
    for (const ListedVersion& row : page.rows) {
      out.contents->push_back(ToModel(row, text));
      out.contents->back().owner = BucketOwner();
    }
    // Without a delimiter the last key is the marker, and it is not repeated.
    if (page.truncated && !query.delimiter.empty()) out.next_marker = text(page.last);
    return out;
  });
}

Result<ListObjectsV2Output> S3::ListObjectsV2(const wire::Call& call, const ListObjectsV2Input& in) {
  const ListingText text = TRY(ListingText::For(in.encoding_type));
  const auto max = TRY(PageSize(in.max_keys, "max-keys"));
  KeyQuery query{.prefix = in.prefix.value_or(""), .delimiter = in.delimiter.value_or(""), .max = max, .start = ""};
  if (in.continuation_token) {
    query.start = TRY(ParseToken(*in.continuation_token));
  } else if (in.start_after && !in.start_after->empty()) {
    query.start = Successor(*in.start_after);
  }
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListObjectsV2Output> {
    TRY(Enter(tx, call,
              {in.bucket, in.expected_bucket_owner, "s3:ListBucket", nullptr,
               ListingKeys(in.prefix, in.delimiter, in.max_keys)}));
    const KeyPage<ListedVersion> page = TRY(ListCurrent(tx, in.bucket, query));
    ListObjectsV2Output out{.common_prefixes = text.Prefixes(page.common_prefixes),
                            .contents = std::vector<Object>(),
                            .continuation_token = in.continuation_token,
                            .delimiter = text.IfGiven(in.delimiter),
                            .encoding_type = in.encoding_type,
                            .is_truncated = page.truncated,
                            .key_count = static_cast<int32_t>(page.size()),
                            .max_keys = static_cast<int32_t>(query.max),
                            .name = in.bucket,
                            .prefix = text(query.prefix),
                            .start_after = text.IfGiven(in.start_after)};
    for (const ListedVersion& row : page.rows) {
      out.contents->push_back(ToModel(row, text));
      if (in.fetch_owner.value_or(false)) out.contents->back().owner = BucketOwner();
    }
    if (page.truncated) out.next_continuation_token = ToToken(page.next);
    return out;
  });
}

}  // namespace meetinity::s3
