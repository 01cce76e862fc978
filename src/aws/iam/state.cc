#include "aws/iam/state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/iam/aws_managed_policies.h"
#include "aws/iam/errors.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE iam_users (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  created INTEGER NOT NULL,
  tags TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE iam_roles (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  created INTEGER NOT NULL,
  tags TEXT NOT NULL,
  trust_policy TEXT NOT NULL,
  description TEXT,
  session_seconds_max INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE iam_access_keys (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  active INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX iam_access_keys_of_user ON iam_access_keys (user_id);
CREATE TABLE iam_policies (
  arn TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  default_version INTEGER NOT NULL,
  last_version INTEGER NOT NULL,
  description TEXT,
  tags TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE iam_policy_versions (
  arn TEXT NOT NULL,
  number INTEGER NOT NULL,
  document TEXT NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (arn, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE iam_inline_policies (
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (owner_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE iam_attachments (
  owner_id TEXT NOT NULL,
  policy_arn TEXT NOT NULL,
  PRIMARY KEY (owner_id, policy_arn)
) STRICT, WITHOUT ROWID;
CREATE INDEX iam_attachments_of_policy ON iam_attachments (policy_arn);
)sql";

constexpr std::string_view kBoundaries = R"sql(
ALTER TABLE iam_users ADD COLUMN boundary TEXT;
ALTER TABLE iam_roles ADD COLUMN boundary TEXT;
)sql";

template <class Record>
Result<Record> GetNamed(const store::ReadTx& tx, const std::string& name, std::string_view what) {
  std::vector<Record> found = TRY(tx.Select<Record>("name_key = ?", {ToLower(name)}));
  if (found.empty() || found.front().name != name) {
    return Error{Kind::kNotFound, kNoSuchEntity, fmt::format("The {} with name {} cannot be found.", what, name)};
  }
  return std::move(found.front());
}

}  // namespace

std::vector<store::Migration> IamMigrations() { return {{"iam", 1, kTables}, {"iam", 2, kBoundaries}}; }

bool IsAwsManaged(std::string_view policy_arn) { return policy_arn.starts_with("arn:aws:iam::aws:policy/"); }

Result<UserRecord> GetUserRecord(const store::ReadTx& tx, const std::string& name) {
  return GetNamed<UserRecord>(tx, name, "user");
}

Result<UserRecord> CallersUser(const store::ReadTx& tx, const wire::Call& call,
                               const std::optional<std::string>& name) {
  if (name) return GetUserRecord(tx, *name);
  if (std::optional<UserRecord> found = TRY(tx.Find<UserRecord>(call.principal.unique_id))) return std::move(*found);
  return Error{Kind::kNotFound, kNoSuchEntity, fmt::format("{} is no user; give UserName.", call.principal.arn)};
}

Result<RoleRecord> GetRoleRecord(const store::ReadTx& tx, const std::string& name) {
  return GetNamed<RoleRecord>(tx, name, "role");
}

Result<PolicyRecord> GetPolicyRecord(const store::ReadTx& tx, const std::string& arn) {
  if (const AwsManagedPolicy* managed = FindAwsManagedPolicy(arn)) return ToRecord(*managed);
  if (std::optional<PolicyRecord> found = TRY(tx.Find<PolicyRecord>(arn))) return std::move(*found);
  return Error{Kind::kNotFound, kNoSuchEntity, fmt::format("Policy {} was not found.", arn)};
}

Result<PolicyVersionRecord> GetVersionRecord(const store::ReadTx& tx, const std::string& arn, int32_t number) {
  if (const AwsManagedPolicy* managed = FindAwsManagedPolicy(arn); managed != nullptr && number == 1) {
    return PolicyVersionRecord{arn, 1, std::string(managed->document), ToRecord(*managed).created};
  }
  if (std::optional<PolicyVersionRecord> found = TRY(tx.Find<PolicyVersionRecord>(arn, number))) {
    return std::move(*found);
  }
  return Error{Kind::kNotFound, kNoSuchEntity,
               fmt::format("Policy {} version v{} does not exist or is not attachable.", arn, number)};
}

}  // namespace meetinity::iam

namespace meetinity::store {

Value ColumnCodec<iam::Tags>::Encode(const iam::Tags& tags) { return nlohmann::json(tags.values).dump(); }

Result<iam::Tags> ColumnCodec<iam::Tags>::Decode(Value&& value) {
  const std::string text = TRY(Get<std::string>(value));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  iam::Tags tags;
  if (!json.is_object()) return Internal("stored tags are no JSON object");
  for (const auto& [key, one] : json.items()) {
    if (!one.is_string()) return Internal("a stored tag has no text as its value");
    tags.values.emplace(key, one.get<std::string>());
  }
  return tags;
}

}  // namespace meetinity::store

template struct meetinity::store::RecordMapping<meetinity::iam::UserRecord>;
template struct meetinity::store::RecordMapping<meetinity::iam::RoleRecord>;
template struct meetinity::store::RecordMapping<meetinity::iam::AccessKeyRecord>;
template struct meetinity::store::RecordMapping<meetinity::iam::PolicyRecord>;
template struct meetinity::store::RecordMapping<meetinity::iam::PolicyVersionRecord>;
template struct meetinity::store::RecordMapping<meetinity::iam::InlinePolicyRecord>;
template struct meetinity::store::RecordMapping<meetinity::iam::AttachmentRecord>;
