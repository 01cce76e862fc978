#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "wire/call.h"

// What IAM remembers. Names are unique without regard to case, so each has a column in lower case beside it; everything
// else refers to users and roles by their unique id, which survives a new name.
namespace meetinity::iam {

struct Tags {
  std::map<std::string, std::string> values;
};

struct UserRecord {
  std::string id;  // AIDA…
  std::string name, name_key, path;
  Instant created;
  Tags tags;
  std::optional<std::string> boundary;  // a policy's ARN

  static constexpr std::string_view kTable = "iam_users";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = UserRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"name", &R::name},
                      store::Column{"name_key", &R::name_key},
                      store::Column{"path", &R::path},
                      store::Column{"created", &R::created},
                      store::Column{"tags", &R::tags},
                      store::Column{"boundary", &R::boundary}};
  }
};

struct RoleRecord {
  std::string id;  // AROA…
  std::string name, name_key, path;
  Instant created;
  Tags tags;
  std::string trust_policy;
  std::optional<std::string> description;
  int32_t session_seconds_max = 3600;
  std::optional<std::string> boundary;  // a policy's ARN

  static constexpr std::string_view kTable = "iam_roles";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = RoleRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"name", &R::name},
                      store::Column{"name_key", &R::name_key},
                      store::Column{"path", &R::path},
                      store::Column{"created", &R::created},
                      store::Column{"tags", &R::tags},
                      store::Column{"trust_policy", &R::trust_policy},
                      store::Column{"description", &R::description},
                      store::Column{"session_seconds_max", &R::session_seconds_max},
                      store::Column{"boundary", &R::boundary}};
  }
};

struct AccessKeyRecord {
  std::string id;  // AKIA…
  std::string user_id;
  std::string sealed_secret;
  bool active = true;
  Instant created;

  static constexpr std::string_view kTable = "iam_access_keys";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = AccessKeyRecord;
    return std::tuple{store::Column{"id", &R::id}, store::Column{"user_id", &R::user_id},
                      store::Column{"sealed_secret", &R::sealed_secret}, store::Column{"active", &R::active},
                      store::Column{"created", &R::created}};
  }
};

struct PolicyRecord {
  std::string arn;
  std::string id;  // ANPA…
  std::string name, name_key, path;
  Instant created, updated;
  int32_t default_version = 1;
  int32_t last_version = 1;  // numbers are never used again
  std::optional<std::string> description;
  Tags tags;

  static constexpr std::string_view kTable = "iam_policies";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = PolicyRecord;
    return std::tuple{store::Column{"arn", &R::arn},
                      store::Column{"id", &R::id},
                      store::Column{"name", &R::name},
                      store::Column{"name_key", &R::name_key},
                      store::Column{"path", &R::path},
                      store::Column{"created", &R::created},
                      store::Column{"updated", &R::updated},
                      store::Column{"default_version", &R::default_version},
                      store::Column{"last_version", &R::last_version},
                      store::Column{"description", &R::description},
                      store::Column{"tags", &R::tags}};
  }
};

struct PolicyVersionRecord {
  std::string arn;
  int32_t number = 1;
  std::string document;
  Instant created;

  static constexpr std::string_view kTable = "iam_policy_versions";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = PolicyVersionRecord;
    return std::tuple{store::Column{"arn", &R::arn}, store::Column{"number", &R::number},
                      store::Column{"document", &R::document}, store::Column{"created", &R::created}};
  }
};

struct InlinePolicyRecord {
  std::string owner_id;  // of a user or role
  std::string name;
  std::string document;

  static constexpr std::string_view kTable = "iam_inline_policies";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = InlinePolicyRecord;
    return std::tuple{store::Column{"owner_id", &R::owner_id}, store::Column{"name", &R::name},
                      store::Column{"document", &R::document}};
  }
};

struct AttachmentRecord {
  std::string owner_id;  // of a user or role
  std::string policy_arn;

  static constexpr std::string_view kTable = "iam_attachments";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = AttachmentRecord;
    return std::tuple{store::Column{"owner_id", &R::owner_id}, store::Column{"policy_arn", &R::policy_arn}};
  }
};

std::vector<store::Migration> IamMigrations();

// A managed policy of the account, or one of AWS's own, which are read-only.
bool IsAwsManaged(std::string_view policy_arn);

// By the name exactly as it was given at creation; NoSuchEntityException otherwise.
Result<UserRecord> GetUserRecord(const store::ReadTx& tx, const std::string& name);
// The named user, or who calls when no name is given; NoSuchEntityException for root and services.
Result<UserRecord> CallersUser(const store::ReadTx& tx, const wire::Call& call, const std::optional<std::string>& name);
Result<RoleRecord> GetRoleRecord(const store::ReadTx& tx, const std::string& name);
Result<PolicyRecord> GetPolicyRecord(const store::ReadTx& tx, const std::string& arn);
Result<PolicyVersionRecord> GetVersionRecord(const store::ReadTx& tx, const std::string& arn, int32_t number);

}  // namespace meetinity::iam

template <>
struct meetinity::store::ColumnCodec<meetinity::iam::Tags> {
  static Value Encode(const iam::Tags& tags);
  static Result<iam::Tags> Decode(Value&& value);
};

extern template struct meetinity::store::RecordMapping<meetinity::iam::UserRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::iam::RoleRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::iam::AccessKeyRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::iam::PolicyRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::iam::PolicyVersionRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::iam::InlinePolicyRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::iam::AttachmentRecord>;
