#include "aws/iam/permissions.h"

#include "aws/iam/iam_state.h"

// The resources that IAM's own operations are authorised on.
namespace meetinity::iam {
namespace {

// A record as it is in the store; what is not there is named in the operation's refusal, not here.
template <class Record>
Result<std::optional<Record>> FindRecord(Result<Record> found) {
  if (found.ok()) return std::optional<Record>(std::move(found).value());
  if (found.error().kind == Kind::kNotFound) return std::optional<Record>();
  return std::move(found).error();
}

void AddStoredKeys(const Tags& tags, const std::optional<std::string>& boundary, ContextKeys& keys) {
  for (const auto& [key, value] : tags.values) {
    keys["aws:ResourceTag/" + key] = {value};
    keys["iam:ResourceTag/" + key] = {value};
  }
  // A boundary that the request asks for stands already.
  if (boundary) keys.try_emplace("iam:PermissionsBoundary", std::vector<std::string>{*boundary});
}

ContextKeys RequestKeys(const Subject& subject) {
  ContextKeys keys;
  if (subject.tags != nullptr) wire::AddRequestTags(*subject.tags, keys);
  if (subject.tag_keys != nullptr) keys["aws:TagKeys"] = *subject.tag_keys;
  if (subject.policy_arn && subject.kind != Subject::Kind::kPolicy) keys["iam:PolicyARN"] = {*subject.policy_arn};
  if (subject.boundary) keys["iam:PermissionsBoundary"] = {*subject.boundary};
  return keys;
}

std::string PathOf(const std::optional<std::string>& path) { return path.value_or("/"); }

}  // namespace

// An operation that moves a user needs to be allowed where the user is and where it goes (IAM API, page "UpdateUser").
Result<wire::Permissions> Iam::UserPermissions(const Call& call, const Subject& subject) const {
  wire::Permission permission{"", "", RequestKeys(subject)};
  if (subject.is_new) {
    permission.resource = state_->Arn("user" + PathOf(subject.path) + *subject.name);
    return wire::Permissions{std::move(permission)};
  }
  const std::optional<UserRecord> user = TRY(
      FindRecord(state_->database.Read([&](const store::ReadTx& tx) { return CallersUser(tx, call, subject.name); })));
  if (user) {
    permission.resource = state_->UserArn(*user);
    AddStoredKeys(user->tags, user->boundary, permission.keys);
  } else {
    permission.resource = subject.name ? state_->Arn("user/" + *subject.name) : call.principal.arn;
  }
  wire::Permissions permissions{std::move(permission)};
  if (user && (subject.new_name || subject.new_path)) {
    wire::Permission moved = permissions.front();
    moved.resource =
        state_->Arn("user" + subject.new_path.value_or(user->path) + subject.new_name.value_or(user->name));
    permissions.push_back(std::move(moved));
  }
  return permissions;
}

Result<wire::Permissions> Iam::RolePermissions(const Subject& subject) const {
  wire::Permission permission{"", "", RequestKeys(subject)};
  if (subject.is_new) {
    permission.resource = state_->Arn("role" + PathOf(subject.path) + *subject.name);
    return wire::Permissions{std::move(permission)};
  }
  const std::optional<RoleRecord> role =
      TRY(FindRecord(state_->database.Read([&](const store::ReadTx& tx) { return GetRoleRecord(tx, *subject.name); })));
  permission.resource = role ? state_->RoleArn(*role) : state_->Arn("role/" + *subject.name);
  if (role) AddStoredKeys(role->tags, role->boundary, permission.keys);
  return wire::Permissions{std::move(permission)};
}

Result<wire::Permissions> Iam::PolicyPermissions(const Subject& subject) const {
  wire::Permission permission{"", "", RequestKeys(subject)};
  if (subject.is_new) {
    permission.resource = state_->Arn("policy" + PathOf(subject.path) + *subject.name);
    return wire::Permissions{std::move(permission)};
  }
  permission.resource = *subject.policy_arn;
  const std::optional<PolicyRecord> policy = TRY(FindRecord(
      state_->database.Read([&](const store::ReadTx& tx) { return GetPolicyRecord(tx, *subject.policy_arn); })));
  if (policy) AddStoredKeys(policy->tags, std::nullopt, permission.keys);
  return wire::Permissions{std::move(permission)};
}

// Whose key it is; a key that nobody has is nobody's resource.
Result<wire::Permissions> Iam::KeyPermissions(const std::string& access_key_id) const {
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<wire::Permissions> {
    wire::Permission permission;
    const std::optional<AccessKeyRecord> key = TRY(tx.Find<AccessKeyRecord>(access_key_id));
    const std::optional<UserRecord> user = key ? TRY(tx.Find<UserRecord>(key->user_id)) : std::optional<UserRecord>();
    if (user) {
      permission.resource = state_->UserArn(*user);
      AddStoredKeys(user->tags, std::nullopt, permission.keys);
    }
    return wire::Permissions{std::move(permission)};
  });
}

Result<wire::Permissions> Iam::PermissionsFor(const Call& call, const Subject& subject) const {
  using Kind = Subject::Kind;
  const auto one = [](std::string resource) {
    return wire::Permissions{wire::Permission{"", std::move(resource), {}}};
  };
  switch (subject.kind) {
    case Kind::kUser:
      return UserPermissions(call, subject);
    case Kind::kRole:
      return RolePermissions(subject);
    case Kind::kPolicy:
      return PolicyPermissions(subject);
    case Kind::kKeysUser:
      return KeyPermissions(*subject.name);
    case Kind::kUsers:
      return one(state_->Arn("user" + PathOf(subject.path)));
    case Kind::kRoles:
      return one(state_->Arn("role" + PathOf(subject.path)));
    case Kind::kPolicies:
      return one("policy path " + PathOf(subject.path));  // no ARN: AWS names it so
    case Kind::kAccount:
      break;
  }
  return one("*");
}

}  // namespace meetinity::iam
