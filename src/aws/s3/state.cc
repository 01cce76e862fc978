#include "aws/s3/state.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <span>

#include "base/text.h"

namespace meetinity::s3 {
namespace {

// WITHOUT ROWID keeps each table in the order of its key: a listing is one walk, a look-up one descent.
constexpr std::string_view kTables = R"sql(
CREATE TABLE s3_buckets (
  name TEXT NOT NULL PRIMARY KEY,
  created INTEGER NOT NULL,
  region TEXT NOT NULL,
  versioning TEXT NOT NULL,
  bucket_key_enabled INTEGER NOT NULL,
  blocked_encryption TEXT,
  ownership TEXT,
  public_access_block INTEGER,
  policy TEXT,
  tags TEXT
) WITHOUT ROWID;

CREATE TABLE s3_objects (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  delete_marker INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  checksum TEXT,
  headers TEXT,
  tags TEXT,
  parts TEXT,
  extents TEXT,
  PRIMARY KEY (bucket, key)
) WITHOUT ROWID;

CREATE TABLE s3_versions (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  delete_marker INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  checksum TEXT,
  headers TEXT,
  tags TEXT,
  parts TEXT,
  extents TEXT,
  PRIMARY KEY (bucket, key, sequence DESC)
) WITHOUT ROWID;
CREATE UNIQUE INDEX s3_versions_by_id ON s3_versions (bucket, key, version_id);

CREATE VIEW s3_all_versions AS
  SELECT bucket, key, sequence, version_id, delete_marker, modified, size, etag, storage_class, checksum FROM s3_objects
  UNION ALL
  SELECT bucket, key, sequence, version_id, delete_marker, modified, size, etag, storage_class, checksum FROM s3_versions;

CREATE TABLE s3_uploads (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  upload_id TEXT NOT NULL,
  initiated INTEGER NOT NULL,
  initiator TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  checksum TEXT,
  key_sequence INTEGER NOT NULL,
  headers TEXT,
  tags TEXT,
  PRIMARY KEY (bucket, key, upload_id)
) WITHOUT ROWID;

CREATE TABLE s3_parts (
  upload_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  checksum TEXT,
  extents TEXT,
  PRIMARY KEY (upload_id, number)
) WITHOUT ROWID;

CREATE TABLE s3_completions (
  upload_id TEXT NOT NULL PRIMARY KEY,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  completed INTEGER NOT NULL,
  request_digest TEXT NOT NULL,
  etag TEXT NOT NULL,
  version_id TEXT NOT NULL,
  versioned INTEGER NOT NULL,
  checksum TEXT
) WITHOUT ROWID;
CREATE INDEX s3_completions_by_time ON s3_completions (completed);

CREATE TABLE s3_blobs (
  id TEXT NOT NULL PRIMARY KEY,
  references_to_it INTEGER NOT NULL
) WITHOUT ROWID;
)sql";

// What a pass of the lifecycle looks at; like s3_all_versions, a merge of two indices.
constexpr std::string_view kLifecycle = R"sql(
ALTER TABLE s3_buckets ADD COLUMN lifecycle TEXT;

CREATE VIEW s3_lifecycle_rows AS
  SELECT bucket, key, sequence, version_id, delete_marker, modified, size, storage_class, tags FROM s3_objects
  UNION ALL
  SELECT bucket, key, sequence, version_id, delete_marker, modified, size, storage_class, tags FROM s3_versions;
)sql";

constexpr std::string_view kObjectLock = R"sql(
ALTER TABLE s3_buckets ADD COLUMN object_lock TEXT;
ALTER TABLE s3_objects ADD COLUMN object_lock TEXT;
ALTER TABLE s3_versions ADD COLUMN object_lock TEXT;
ALTER TABLE s3_uploads ADD COLUMN object_lock TEXT;
)sql";

constexpr std::string_view kAccessLists = R"sql(
ALTER TABLE s3_buckets ADD COLUMN acl TEXT;
ALTER TABLE s3_objects ADD COLUMN acl TEXT;
ALTER TABLE s3_versions ADD COLUMN acl TEXT;
ALTER TABLE s3_uploads ADD COLUMN acl TEXT;
)sql";

}  // namespace

std::vector<store::Migration> StateMigrations() {
  return {{"s3", 1, kTables},      {"s3", 2, "ALTER TABLE s3_buckets ADD COLUMN cors TEXT;"},
          {"s3", 3, kLifecycle},   {"s3", 4, kObjectLock},
          {"s3", 5, kAccessLists}, {"s3", 6, "ALTER TABLE s3_buckets ADD COLUMN logging TEXT;"}};
}

}  // namespace meetinity::s3

namespace meetinity::store {
namespace {

using Json = nlohmann::json;

Error Unreadable(std::string_view what) { return Internal(fmt::format("a stored {} cannot be read back", what)); }

// An absent value and an empty one are the same for these types, so nothing is stored for an empty one.
const std::string* TextIn(const Value& value) { return std::get_if<std::string>(&value); }

Value EncodeMap(const std::map<std::string, std::string>& map) {
  return map.empty() ? Value() : Value(Json(map).dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<std::map<std::string, std::string>> DecodeMap(const Json& json, std::string_view what) {
  std::map<std::string, std::string> map;
  if (!json.is_object()) return Unreadable(what);
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return Unreadable(what);
    map.emplace(name, value.get<std::string>());
  }
  return map;
}

constexpr std::pair<s3::Versioning, std::string_view> kVersioningNames[] = {
    {s3::Versioning::kNever, ""}, {s3::Versioning::kEnabled, "Enabled"}, {s3::Versioning::kSuspended, "Suspended"}};

// The headers' names in the stored JSON, beside "metadata".
struct HeaderName {
  const char* name;
  std::optional<std::string> s3::ObjectHeaders::*member;
};
constexpr HeaderName kHeaderNames[] = {
    {"cache-control", &s3::ObjectHeaders::cache_control},
    {"content-disposition", &s3::ObjectHeaders::content_disposition},
    {"content-encoding", &s3::ObjectHeaders::content_encoding},
    {"content-language", &s3::ObjectHeaders::content_language},
    {"content-type", &s3::ObjectHeaders::content_type},
    {"expires", &s3::ObjectHeaders::expires},
    {"website-redirect-location", &s3::ObjectHeaders::website_redirect_location},
};

}  // namespace

Value ColumnCodec<s3::Versioning>::Encode(const s3::Versioning& value) {
  for (const auto& [versioning, name] : kVersioningNames)
    if (versioning == value) return std::string(name);
  return std::string();
}

Result<s3::Versioning> ColumnCodec<s3::Versioning>::Decode(Value&& value) {
  const std::string* text = TextIn(value);
  for (const auto& [versioning, name] : kVersioningNames)
    if (text && *text == name) return versioning;
  return Unreadable("versioning state");
}

Value ColumnCodec<s3::PublicAccessBlock>::Encode(const s3::PublicAccessBlock& block) {
  return int64_t{(block.block_public_acls ? 1 : 0) | (block.ignore_public_acls ? 2 : 0) |
                 (block.block_public_policy ? 4 : 0) | (block.restrict_public_buckets ? 8 : 0)};
}

Result<s3::PublicAccessBlock> ColumnCodec<s3::PublicAccessBlock>::Decode(Value&& value) {
  const int64_t bits = TRY(Get<int64_t>(value));
  return s3::PublicAccessBlock{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
}

Value ColumnCodec<s3::Tags>::Encode(const s3::Tags& tags) { return EncodeMap(tags); }

Result<s3::Tags> ColumnCodec<s3::Tags>::Decode(Value&& value) {
  const std::string* text = TextIn(value);
  if (!text) return s3::Tags();
  return DecodeMap(Json::parse(*text, nullptr, false), "tag set");
}

// "blob:offset:length,…"
Value ColumnCodec<s3::Extents>::Encode(const s3::Extents& extents) {
  if (extents.empty()) return {};
  std::string text;
  for (const s3::Extent& extent : extents)
    fmt::format_to(std::back_inserter(text), "{}{}:{}:{}", text.empty() ? "" : ",", extent.blob.text, extent.offset,
                   extent.length);
  return text;
}

Result<s3::Extents> ColumnCodec<s3::Extents>::Decode(Value&& value) {
  s3::Extents extents;
  const std::string* text = TextIn(value);
  if (!text) return extents;
  for (std::string_view piece : Split(*text, ',')) {
    const std::vector<std::string_view> fields = Split(piece, ':');
    if (fields.size() != 3) return Unreadable("extent");
    const auto offset = ParseUnsigned(fields[1]), length = ParseUnsigned(fields[2]);
    if (!offset || !length) return Unreadable("extent");
    extents.push_back({BlobId{std::string(fields[0])}, *offset, *length});
  }
  return extents;
}

// "number:size:checksum,…"; base64 has neither ':' nor ','.
Value ColumnCodec<s3::PartSpans>::Encode(const s3::PartSpans& parts) {
  if (parts.empty()) return {};
  std::string text;
  for (const s3::PartSpan& part : parts)
    fmt::format_to(std::back_inserter(text), "{}{}:{}:{}", text.empty() ? "" : ",", part.number, part.size,
                   part.checksum);
  return text;
}

Result<s3::PartSpans> ColumnCodec<s3::PartSpans>::Decode(Value&& value) {
  s3::PartSpans parts;
  const std::string* text = TextIn(value);
  if (!text) return parts;
  for (std::string_view piece : Split(*text, ',')) {
    const std::vector<std::string_view> fields = Split(piece, ':');
    if (fields.size() != 3) return Unreadable("part");
    const auto number = ParseUnsigned(fields[0]), size = ParseUnsigned(fields[1]);
    if (!number || !std::in_range<int32_t>(*number) || !size) return Unreadable("part");
    parts.push_back({static_cast<int32_t>(*number), *size, std::string(fields[2])});
  }
  return parts;
}

// "algorithm:type:value"
Value ColumnCodec<s3::StoredChecksum>::Encode(const s3::StoredChecksum& checksum) {
  if (checksum.algorithm.empty()) return {};
  return fmt::format("{}:{}:{}", checksum.algorithm, checksum.type, checksum.value);
}

Result<s3::StoredChecksum> ColumnCodec<s3::StoredChecksum>::Decode(Value&& value) {
  const std::string* text = TextIn(value);
  if (!text) return s3::StoredChecksum();
  const std::vector<std::string_view> fields = Split(*text, ':');
  if (fields.size() != 3) return Unreadable("checksum");
  return s3::StoredChecksum{std::string(fields[0]), std::string(fields[1]), std::string(fields[2])};
}

// "mode:nanoseconds:hold", where hold is "ON", "OFF" or nothing.
Value ColumnCodec<s3::ObjectLock>::Encode(const s3::ObjectLock& lock) {
  if (lock.mode.empty() && !lock.legal_hold) return {};
  return fmt::format("{}:{}:{}", lock.mode, lock.retain_until.since_epoch().count(),
                     !lock.legal_hold   ? ""
                     : *lock.legal_hold ? "ON"
                                        : "OFF");
}

Result<s3::ObjectLock> ColumnCodec<s3::ObjectLock>::Decode(Value&& value) {
  s3::ObjectLock lock;
  const std::string* text = TextIn(value);
  if (!text) return lock;
  const std::vector<std::string_view> fields = Split(*text, ':');
  const auto until = fields.size() == 3 ? ParseSigned(fields[1]) : std::nullopt;
  // A lock that cannot be read must not become none.
  if (!until) return Unreadable("object lock");
  lock.mode = std::string(fields[0]);
  lock.retain_until = Instant::FromUnix(Duration(*until));
  if (!fields[2].empty()) lock.legal_hold = fields[2] == "ON";
  return lock;
}

// "owner;READ=grantee;…"; no grantee has a ';' in it. Without any ';' the grants are the default ones.
Value ColumnCodec<s3::AccessControlList>::Encode(const s3::AccessControlList& list) {
  if (list == s3::AccessControlList()) return {};
  std::string text = list.owner;
  if (!list.grants) return text;
  if (list.grants->empty()) text += ';';
  for (const s3::AclGrant& grant : *list.grants)
    fmt::format_to(std::back_inserter(text), ";{}={}", s3::ToString(grant.permission), grant.grantee);
  return text;
}

Result<s3::AccessControlList> ColumnCodec<s3::AccessControlList>::Decode(Value&& value) {
  s3::AccessControlList list;
  const std::string* text = TextIn(value);
  if (!text) return list;
  const std::vector<std::string_view> fields = Split(*text, ';');
  list.owner = std::string(fields.front());
  if (fields.size() == 1) return list;
  list.grants.emplace();
  for (const std::string_view field : std::span(fields).subspan(1)) {
    if (field.empty()) continue;
    const size_t equals = field.find('=');
    const auto permission = s3::ParseAclPermission(field.substr(0, equals));
    // A list that cannot be read must not become the default one: it may grant less.
    if (!permission || equals == std::string_view::npos) return Unreadable("access control list");
    list.grants->push_back({std::string(field.substr(equals + 1)), *permission});
  }
  return list;
}

Value ColumnCodec<s3::ObjectHeaders>::Encode(const s3::ObjectHeaders& headers) {
  Json json = Json::object();
  for (const auto& [name, member] : kHeaderNames)
    if (headers.*member) json[name] = *(headers.*member);
  if (!headers.metadata.empty()) json["metadata"] = headers.metadata;
  return json.empty() ? Value() : Value(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<s3::ObjectHeaders> ColumnCodec<s3::ObjectHeaders>::Decode(Value&& value) {
  s3::ObjectHeaders headers;
  const std::string* text = TextIn(value);
  if (!text) return headers;
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return Unreadable("set of headers");
  for (const auto& [name, member] : kHeaderNames) {
    const auto found = json.find(name);
    if (found == json.end()) continue;
    if (!found->is_string()) return Unreadable("header");
    headers.*member = found->get<std::string>();
  }
  if (const auto metadata = json.find("metadata"); metadata != json.end())
    headers.metadata = TRY(DecodeMap(*metadata, "set of metadata"));
  return headers;
}

}  // namespace meetinity::store

template struct meetinity::store::RecordMapping<meetinity::s3::BucketRecord>;
template struct meetinity::store::RecordMapping<meetinity::s3::CurrentObject>;
template struct meetinity::store::RecordMapping<meetinity::s3::ArchivedVersion>;
template struct meetinity::store::RecordMapping<meetinity::s3::ListedCurrent>;
template struct meetinity::store::RecordMapping<meetinity::s3::ListedAny>;
template struct meetinity::store::RecordMapping<meetinity::s3::Upload>;
template struct meetinity::store::RecordMapping<meetinity::s3::UploadedPart>;
template struct meetinity::store::RecordMapping<meetinity::s3::Completion>;
template struct meetinity::store::RecordMapping<meetinity::s3::BlobReferences>;
