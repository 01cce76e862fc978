#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/s3/access_list.h"
#include "base/clock.h"
#include "store/blob_store.h"
#include "store/database.h"

// What S3 remembers: records of the tables whose names begin with "s3_".
//
//   s3_buckets    a bucket and its settings
//   s3_objects    the newest version of each key, unless that is a delete marker: all that GET and ListObjects need
//   s3_versions   every other version, and all delete markers
//   s3_uploads    multipart uploads under way;  s3_parts  their parts;  s3_completions  those completed lately
//   s3_blobs      each blob that one of the above names, and how many times
//
// A key has a row in s3_objects exactly when its newest version is an object. `sequence` orders a key's versions, the
// newest highest.
namespace meetinity::s3 {

enum class Versioning { kNever, kEnabled, kSuspended };

// The four switches of a public access block.
struct PublicAccessBlock {
  bool block_public_acls = false;
  bool ignore_public_acls = false;
  bool block_public_policy = false;
  bool restrict_public_buckets = false;
};

using Tags = std::map<std::string, std::string>;

// A run of bytes of a blob. An object's bytes are its extents', in order; blobs are immutable, so copies share them.
struct Extent {
  store::BlobId blob;
  uint64_t offset = 0;
  uint64_t length = 0;
  bool operator==(const Extent&) const = default;
};
using Extents = std::vector<Extent>;

// One part of an object that was uploaded in parts, as it can be asked for afterwards.
struct PartSpan {
  int32_t number = 0;
  uint64_t size = 0;
  std::string checksum;  // base64; empty when the upload asked for none
  bool operator==(const PartSpan&) const = default;
};
using PartSpans = std::vector<PartSpan>;

// A checksum that is kept with bytes.
struct StoredChecksum {
  std::string algorithm;  // "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"; empty: none
  std::string type;       // "FULL_OBJECT" or "COMPOSITE"
  std::string value;      // base64; "…-N" when composite
};

// What keeps a version from being deleted.
struct ObjectLock {
  std::string mode;  // "GOVERNANCE", "COMPLIANCE"; empty: no retention
  Instant retain_until;
  std::optional<bool> legal_hold;  // absent: never set
  bool operator==(const ObjectLock&) const = default;
};

struct BucketRecord {
  std::string name;
  Instant created;
  std::string region;
  Versioning versioning = Versioning::kNever;
  bool bucket_key_enabled = false;
  std::optional<std::string> blocked_encryption;  // BlockedEncryptionTypes as sent, comma-separated
  std::optional<std::string> ownership;           // absent: controls were deleted
  std::optional<PublicAccessBlock> public_access_block;
  std::optional<std::string> policy;  // as sent
  Tags tags;
  std::optional<std::string> cors;         // CORSConfiguration in stored form
  std::optional<std::string> lifecycle;    // GetBucketLifecycleConfigurationOutput in stored form
  std::optional<std::string> object_lock;  // ObjectLockConfiguration in stored form; absent: no Object Lock
  AccessControlList acl;                   // counts where ACLs are enabled
  std::optional<std::string> logging;      // LoggingEnabled in stored form; absent: requests are not logged

  static constexpr std::string_view kTable = "s3_buckets";
  static constexpr int kKeyColumns = 1;
  static constexpr bool kWatched = true;  // kept by BucketCache
  static constexpr auto Columns() {
    using store::Column;
    return std::tuple{Column{"name", &BucketRecord::name},
                      Column{"created", &BucketRecord::created},
                      Column{"region", &BucketRecord::region},
                      Column{"versioning", &BucketRecord::versioning},
                      Column{"bucket_key_enabled", &BucketRecord::bucket_key_enabled},
                      Column{"blocked_encryption", &BucketRecord::blocked_encryption},
                      Column{"ownership", &BucketRecord::ownership},
                      Column{"public_access_block", &BucketRecord::public_access_block},
                      Column{"policy", &BucketRecord::policy},
                      Column{"tags", &BucketRecord::tags},
                      Column{"cors", &BucketRecord::cors},
                      Column{"lifecycle", &BucketRecord::lifecycle},
                      Column{"object_lock", &BucketRecord::object_lock},
                      Column{"acl", &BucketRecord::acl},
                      Column{"logging", &BucketRecord::logging}};
  }
};

// Whether lists take part in authorization. Buckets whose ownership controls were deleted behave as those from before
// there were any.
inline bool AclsEnabled(const BucketRecord& bucket) { return bucket.ownership != "BucketOwnerEnforced"; }

// What a client says about an object besides its bytes.
struct ObjectHeaders {
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::string> content_type;
  std::optional<std::string> expires;
  std::optional<std::string> website_redirect_location;
  std::map<std::string, std::string> metadata;  // x-amz-meta-…, without the prefix
};

inline constexpr std::string_view kNullVersion = "null";

// A version of an object, or a delete marker.
struct StoredVersion {
  std::string bucket;
  std::string key;
  int64_t sequence = 1;
  std::string version_id{kNullVersion};
  bool delete_marker = false;
  Instant modified;
  uint64_t size = 0;
  std::string etag;  // without quotes
  std::string storage_class;
  StoredChecksum checksum;
  ObjectHeaders headers;
  Tags tags;
  PartSpans parts;  // empty unless it was uploaded in parts
  ObjectLock lock;
  AccessControlList acl;
  Extents extents;
};

// A column of Record that its base class declares.
template <class Record, class Base, class Member>
constexpr store::Column<Record, Member> Inherited(std::string_view name, Member Base::*member) {
  return {name, member};
}

// The narrow columns come first: a listing then never reads the pages that a long list of extents spills onto.
template <class Record>
constexpr auto ObjectColumns() {
  return std::tuple{Inherited<Record>("bucket", &StoredVersion::bucket),
                    Inherited<Record>("key", &StoredVersion::key),
                    Inherited<Record>("sequence", &StoredVersion::sequence),
                    Inherited<Record>("version_id", &StoredVersion::version_id),
                    Inherited<Record>("delete_marker", &StoredVersion::delete_marker),
                    Inherited<Record>("modified", &StoredVersion::modified),
                    Inherited<Record>("size", &StoredVersion::size),
                    Inherited<Record>("etag", &StoredVersion::etag),
                    Inherited<Record>("storage_class", &StoredVersion::storage_class),
                    Inherited<Record>("checksum", &StoredVersion::checksum),
                    Inherited<Record>("headers", &StoredVersion::headers),
                    Inherited<Record>("tags", &StoredVersion::tags),
                    Inherited<Record>("parts", &StoredVersion::parts),
                    Inherited<Record>("object_lock", &StoredVersion::lock),
                    Inherited<Record>("acl", &StoredVersion::acl),
                    Inherited<Record>("extents", &StoredVersion::extents)};
}

struct CurrentObject : StoredVersion {
  static constexpr std::string_view kTable = "s3_objects";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() { return ObjectColumns<CurrentObject>(); }
};

struct ArchivedVersion : StoredVersion {
  static constexpr std::string_view kTable = "s3_versions";
  static constexpr int kKeyColumns = 3;
  static constexpr auto Columns() { return ObjectColumns<ArchivedVersion>(); }
};

// The part of a version that listings show.
struct ListedVersion {
  std::string bucket;
  std::string key;
  int64_t sequence = 0;
  std::string version_id;
  bool delete_marker = false;
  Instant modified;
  uint64_t size = 0;
  std::string etag;
  std::string storage_class;
  StoredChecksum checksum;
};

template <class Record>
constexpr auto ListedColumns() {
  return std::tuple{Inherited<Record>("bucket", &ListedVersion::bucket),
                    Inherited<Record>("key", &ListedVersion::key),
                    Inherited<Record>("sequence", &ListedVersion::sequence),
                    Inherited<Record>("version_id", &ListedVersion::version_id),
                    Inherited<Record>("delete_marker", &ListedVersion::delete_marker),
                    Inherited<Record>("modified", &ListedVersion::modified),
                    Inherited<Record>("size", &ListedVersion::size),
                    Inherited<Record>("etag", &ListedVersion::etag),
                    Inherited<Record>("storage_class", &ListedVersion::storage_class),
                    Inherited<Record>("checksum", &ListedVersion::checksum)};
}

// From s3_objects: the current objects.
struct ListedCurrent : ListedVersion {
  static constexpr std::string_view kTable = "s3_objects";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() { return ListedColumns<ListedCurrent>(); }
};

// From both tables, through a view that merges their indices.
struct ListedAny : ListedVersion {
  static constexpr std::string_view kTable = "s3_all_versions";
  static constexpr int kKeyColumns = 3;
  static constexpr auto Columns() { return ListedColumns<ListedAny>(); }
};

// Instead of the sequence of a key's newest version: the key was deleted since.
inline constexpr int64_t kKeyDeleted = -1;

struct Upload {
  std::string bucket;
  std::string key;
  std::string upload_id;  // ascending with the time of initiation, so that the key orders them
  Instant initiated;
  std::string initiator;  // ARN
  std::string storage_class;
  StoredChecksum checksum;   // algorithm and type as declared, no value; algorithm empty when none was declared
  int64_t key_sequence = 0;  // of the key's newest version at initiation; 0: none; or kKeyDeleted
  ObjectHeaders headers;
  Tags tags;
  ObjectLock lock;  // as asked for; a default retention begins with the completion
  AccessControlList acl;

  static constexpr std::string_view kTable = "s3_uploads";
  static constexpr int kKeyColumns = 3;
  static constexpr auto Columns() {
    using store::Column;
    return std::tuple{Column{"bucket", &Upload::bucket},       Column{"key", &Upload::key},
                      Column{"upload_id", &Upload::upload_id}, Column{"initiated", &Upload::initiated},
                      Column{"initiator", &Upload::initiator}, Column{"storage_class", &Upload::storage_class},
                      Column{"checksum", &Upload::checksum},   Column{"key_sequence", &Upload::key_sequence},
                      Column{"headers", &Upload::headers},     Column{"tags", &Upload::tags},
                      Column{"object_lock", &Upload::lock},    Column{"acl", &Upload::acl}};
  }
};

struct UploadedPart {
  std::string upload_id;
  int32_t number = 0;
  Instant modified;
  uint64_t size = 0;
  std::string etag;
  StoredChecksum checksum;
  Extents extents;

  static constexpr std::string_view kTable = "s3_parts";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using store::Column;
    return std::tuple{Column{"upload_id", &UploadedPart::upload_id}, Column{"number", &UploadedPart::number},
                      Column{"modified", &UploadedPart::modified},   Column{"size", &UploadedPart::size},
                      Column{"etag", &UploadedPart::etag},           Column{"checksum", &UploadedPart::checksum},
                      Column{"extents", &UploadedPart::extents}};
  }
};

// Remembered for a while, so that a client that lost the answer may ask for the same completion again.
struct Completion {
  std::string upload_id;
  std::string bucket;
  std::string key;
  Instant completed;
  std::string request_digest;  // of the parts that were listed
  std::string etag;
  std::string version_id;
  bool versioned = false;  // whether the answer names the version
  StoredChecksum checksum;

  static constexpr std::string_view kTable = "s3_completions";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using store::Column;
    return std::tuple{Column{"upload_id", &Completion::upload_id},
                      Column{"bucket", &Completion::bucket},
                      Column{"key", &Completion::key},
                      Column{"completed", &Completion::completed},
                      Column{"request_digest", &Completion::request_digest},
                      Column{"etag", &Completion::etag},
                      Column{"version_id", &Completion::version_id},
                      Column{"versioned", &Completion::versioned},
                      Column{"checksum", &Completion::checksum}};
  }
};

struct BlobReferences {
  store::BlobId id;
  int64_t references = 0;

  static constexpr std::string_view kTable = "s3_blobs";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using store::Column;
    return std::tuple{Column{"id", &BlobReferences::id}, Column{"references_to_it", &BlobReferences::references}};
  }
};

std::vector<store::Migration> StateMigrations();

}  // namespace meetinity::s3

namespace meetinity::store {

#define MEETINITY_S3_COLUMN(Type)              \
  template <>                                  \
  struct ColumnCodec<Type> {                   \
    static Value Encode(const Type& value);    \
    static Result<Type> Decode(Value&& value); \
  }

MEETINITY_S3_COLUMN(s3::Versioning);
MEETINITY_S3_COLUMN(s3::PublicAccessBlock);
MEETINITY_S3_COLUMN(s3::Tags);
MEETINITY_S3_COLUMN(s3::Extents);
MEETINITY_S3_COLUMN(s3::PartSpans);
MEETINITY_S3_COLUMN(s3::StoredChecksum);
MEETINITY_S3_COLUMN(s3::ObjectHeaders);
MEETINITY_S3_COLUMN(s3::ObjectLock);
MEETINITY_S3_COLUMN(s3::AccessControlList);

#undef MEETINITY_S3_COLUMN

}  // namespace meetinity::store

extern template struct meetinity::store::RecordMapping<meetinity::s3::BucketRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::CurrentObject>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::ArchivedVersion>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::ListedCurrent>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::ListedAny>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::Upload>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::UploadedPart>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::Completion>;
extern template struct meetinity::store::RecordMapping<meetinity::s3::BlobReferences>;
