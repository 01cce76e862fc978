// Listing a bucket's versions, and its uploads under way: several rows a key, so a page may end within a key.

#include "aws/s3/listing_input.h"
#include "aws/s3/versions.h"

namespace meetinity::s3 {
namespace {

// Where a listing of versions goes on within a key: behind the version that the last page ended with.
struct Within {
  std::string key;
  int64_t below = 0;  // sequence
};

Result<std::optional<Within>> WithinKey(const store::ReadTx& tx, const ListObjectVersionsInput& in) {
  if (!in.version_id_marker || in.version_id_marker->empty()) return std::optional<Within>();
  if (!in.key_marker || in.key_marker->empty())
    return Error{Kind::kInvalid, kInvalidArgument, "A version-id marker cannot be specified without a key marker."}
        .With("ArgumentName", "version-id-marker")
        .With("ArgumentValue", *in.version_id_marker);
  if (!IsVersionId(*in.version_id_marker))
    return Error{Kind::kInvalid, kInvalidArgument, "Invalid version id specified"}
        .With("ArgumentName", "version-id-marker")
        .With("ArgumentValue", *in.version_id_marker);
  const std::optional<StoredVersion> marker = TRY(FindVersion(tx, in.bucket, *in.key_marker, *in.version_id_marker));
  // Deleted since: the versions that were behind it cannot be told from those before, so the key starts over.
  if (!marker) return std::optional(Within{*in.key_marker, std::numeric_limits<int64_t>::max()});
  return std::optional(Within{*in.key_marker, marker->sequence});
}

// The rows from `from` on; when the page starts within a key, first what is left of that key.
Scan<ListedVersion> ScanVersions(const store::ReadTx& tx, const std::string& bucket, std::optional<Within> within) {
  const Scan<ListedVersion> all = ScanTable<ListedAny, ListedVersion>(tx, bucket, "key, sequence DESC");
  if (!within) return all;
  return [&tx, &bucket, all, within](const std::string& from, const std::string& until,
                                     const std::function<bool(ListedVersion)>& each) -> Status {
    if (from != within->key) return all(from, until, each);
    bool wants_more = true;
    TRY(tx.ForEach<ListedAny>("bucket = ? AND key = ? AND sequence < ? ORDER BY sequence DESC",
                              {bucket, within->key, within->below},
                              [&](ListedAny row) { return wants_more = each(std::move(row)); }));
    return wants_more ? all(Successor(within->key), until, each) : Status();
  };
}

// Spreads a page over the two lists of the answer.
class VersionLists {
 public:
  VersionLists(ListObjectVersionsOutput& out, const ListingText& text, const Owner& owner, std::string key_under_way)
      : out_(out), text_(text), owner_(owner), previous_key_(std::move(key_under_way)) {
    out_.versions.emplace();
    out_.delete_markers.emplace();
  }

  void Append(const ListedVersion& row) {
    // The first row of a key is its newest; a key under way had its newest on the page before.
    const bool is_latest = row.key != previous_key_;
    previous_key_ = row.key;
    if (row.delete_marker) {
      out_.delete_markers->push_back({.is_latest = is_latest,
                                      .key = text_(row.key),
                                      .last_modified = row.modified,
                                      .owner = owner_,
                                      .version_id = row.version_id});
      return;
    }
    ObjectVersion version{.e_tag = Quoted(row.etag),
                          .is_latest = is_latest,
                          .key = text_(row.key),
                          .last_modified = row.modified,
                          .owner = owner_,
                          .size = static_cast<int64_t>(row.size),
                          .storage_class = row.storage_class,
                          .version_id = row.version_id};
    if (!row.checksum.algorithm.empty()) {
      version.checksum_algorithm = std::vector{row.checksum.algorithm};
      version.checksum_type = row.checksum.type;
    }
    out_.versions->push_back(std::move(version));
  }

 private:
  ListObjectVersionsOutput& out_;
  const ListingText& text_;
  const Owner& owner_;
  std::string previous_key_;
};

}  // namespace

Result<ListObjectVersionsOutput> S3::ListObjectVersions(const wire::Call& call, const ListObjectVersionsInput& in) {
  const ListingText text = TRY(ListingText::For(in.encoding_type));
  const auto max = TRY(PageSize(in.max_keys, "max-keys"));
  KeyQuery query{.prefix = in.prefix.value_or(""), .delimiter = in.delimiter.value_or(""), .max = max, .start = ""};
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListObjectVersionsOutput> {
    TRY(Enter(tx, call,
              {in.bucket, in.expected_bucket_owner, "s3:ListBucketVersions", nullptr,
               ListingKeys(in.prefix, in.delimiter, in.max_keys)}));
    const std::optional<Within> within = TRY(WithinKey(tx, in));
    query.start = within ? within->key : AfterMarker(in.key_marker.value_or(""), query.prefix, query.delimiter);
    const KeyPage<ListedVersion> page = TRY(ListKeys<ListedVersion>(query, ScanVersions(tx, in.bucket, within)));

    ListObjectVersionsOutput out{.common_prefixes = text.Prefixes(page.common_prefixes),
                                 .delimiter = text.IfGiven(in.delimiter),
                                 .encoding_type = in.encoding_type,
                                 .is_truncated = page.truncated,
                                 .key_marker = text(in.key_marker.value_or("")),
                                 .max_keys = static_cast<int32_t>(query.max),
                                 .name = in.bucket,
                                 .prefix = text(query.prefix),
                                 .version_id_marker = in.version_id_marker.value_or("")};
    const bool under_way = within && within->below != std::numeric_limits<int64_t>::max();
    const Owner owner = BucketOwner();
    VersionLists lists(out, text, owner, under_way ? within->key : std::string());
    for (const ListedVersion& row : page.rows) lists.Append(row);
    if (page.truncated) {
      out.next_key_marker = text(page.last);
      // Only a page that ends with a version can end within its key.
      const bool ends_with_row = !page.rows.empty() && page.rows.back().key == page.last;
      if (ends_with_row) out.next_version_id_marker = page.rows.back().version_id;
    }
    return out;
  });
}

Result<ListMultipartUploadsOutput> S3::ListMultipartUploads(const wire::Call& call,
                                                            const ListMultipartUploadsInput& in) {
  const ListingText text = TRY(ListingText::For(in.encoding_type));
  const auto max = TRY(PageSize(in.max_uploads, "max-uploads"));
  KeyQuery query{.prefix = in.prefix.value_or(""), .delimiter = in.delimiter.value_or(""), .max = max, .start = ""};
  const std::string marker = in.key_marker.value_or("");
  // Without a key, an upload marker is ignored (S3 API Reference).
  const bool within = !marker.empty() && in.upload_id_marker && !in.upload_id_marker->empty();
  query.start = within ? marker : AfterMarker(marker, query.prefix, query.delimiter);
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListMultipartUploadsOutput> {
    TRY(Enter(tx, call,
              {in.bucket, in.expected_bucket_owner, "s3:ListBucketMultipartUploads", nullptr,
               ListingKeys(in.prefix, in.delimiter, std::nullopt)}));
    const Scan<Upload> all = ScanTable<Upload, Upload>(tx, in.bucket, "key, upload_id");
    const KeyPage<Upload> page = TRY(ListKeys<Upload>(
        query, [&](const std::string& from, const std::string& until, const std::function<bool(Upload)>& each) {
          return all(from, until, [&](Upload upload) {
            const bool listed_before = within && upload.key == marker && upload.upload_id <= *in.upload_id_marker;
            return listed_before || each(std::move(upload));
          });
        }));

    ListMultipartUploadsOutput out{.bucket = in.bucket,
                                   .common_prefixes = text.Prefixes(page.common_prefixes),
                                   .delimiter = text.IfGiven(in.delimiter),
                                   .encoding_type = in.encoding_type,
                                   .is_truncated = page.truncated,
                                   .key_marker = text(marker),
                                   .max_uploads = static_cast<int32_t>(query.max),
                                   .prefix = text(query.prefix),
                                   .upload_id_marker = in.upload_id_marker.value_or(""),
                                   .uploads = std::vector<MultipartUpload>()};
    for (const Upload& upload : page.rows) {
      MultipartUpload shown{.initiated = upload.initiated,
                            .initiator = Initiator{.id = upload.initiator},
                            .key = text(upload.key),
                            .owner = BucketOwner(),
                            .storage_class = upload.storage_class,
                            .upload_id = upload.upload_id};
      if (!upload.checksum.algorithm.empty()) {
        shown.checksum_algorithm = upload.checksum.algorithm;
        shown.checksum_type = upload.checksum.type;
      }
      out.uploads->push_back(std::move(shown));
    }
    if (page.truncated) {
      out.next_key_marker = text(page.last);
      const bool ends_with_row = !page.rows.empty() && page.rows.back().key == page.last;
      if (ends_with_row) out.next_upload_id_marker = page.rows.back().upload_id;
    }
    return out;
  });
}

}  // namespace meetinity::s3
