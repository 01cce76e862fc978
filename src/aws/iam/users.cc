#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::iam {
namespace {

Error UserExists(const std::string& name) {
  return Error{Kind::kConflict, kEntityAlreadyExists, fmt::format("User with name {} already exists.", name)};
}

User ToUser(const UserRecord& record, std::string arn) {
  User user;
  user.arn = std::move(arn);
  user.create_date = record.created;
  user.path = record.path;
  user.user_id = record.id;
  user.user_name = record.name;
  return user;
}

Status RefuseNameInUse(const store::ReadTx& tx, const std::string& name) {
  if (TRY(tx.Count<UserRecord>("name_key = ?", {ToLower(name)})) > 0) return UserExists(name);
  return {};
}

// What must be gone before a user may go.
Status RefuseWhileInUse(const store::ReadTx& tx, const std::string& user_id) {
  const auto conflict = [](std::string_view what) {
    return Error{Kind::kConflict, kDeleteConflict, fmt::format("Cannot delete entity, must {} first.", what)};
  };
  if (TRY(tx.Count<AttachmentRecord>("owner_id = ?", {user_id})) > 0) return conflict("detach all policies");
  if (TRY(tx.Count<InlinePolicyRecord>("owner_id = ?", {user_id})) > 0) return conflict("delete policies");
  if (TRY(tx.Count<AccessKeyRecord>("user_id = ?", {user_id})) > 0) return conflict("delete access keys");
  return {};
}

}  // namespace

Result<CreateUserOutput> Iam::CreateUser(const Call& call, const CreateUserInput& in) {
  TRY(CheckName(in.user_name, "userName"));
  UserRecord user;
  user.name = in.user_name;
  user.name_key = ToLower(in.user_name);
  user.path = TRY(CheckPath(in.path));
  user.created = call.now;
  if (in.tags) TRY(AddTags(user.tags, *in.tags));
  user.id = "AIDA" + RandomText(17, kUpperAlphanumeric);
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    TRY(RefuseNameInUse(tx, user.name));
    if (TRY(tx.Count<UserRecord>("")) >= kUsersMax) {
      return Error{Kind::kLimit, kLimitExceeded, fmt::format("Cannot exceed quota for UsersPerAccount: {}", kUsersMax)};
    }
    if (in.permissions_boundary) TRY(CheckBoundary(tx, *in.permissions_boundary));
    user.boundary = in.permissions_boundary;
    TRY(tx.Put(user));
    return state_->Publish(tx, user);
  }));
  CreateUserOutput output{ToUser(user, state_->UserArn(user))};
  output.user->tags = ToOptionalTagList(user.tags);
  output.user->permissions_boundary = ToBoundary(user.boundary);
  return output;
}

Result<GetUserOutput> Iam::GetUser(const Call& call, const GetUserInput& in) const {
  if (!in.user_name && call.principal.kind == wire::PrincipalKind::kRoot) {
    User root;
    root.arn = call.principal.arn;
    root.create_date = state_->root_credentials.created;
    root.path = "/";
    root.user_id = call.principal.unique_id;
    root.user_name = "root";
    return GetUserOutput{root};
  }
  return state_->database.Read([&](const store::ReadTx& tx) -> Result<GetUserOutput> {
    const UserRecord record = TRY(CallersUser(tx, call, in.user_name));
    GetUserOutput output{ToUser(record, state_->UserArn(record))};
    output.user.tags = ToOptionalTagList(record.tags);
    output.user.permissions_boundary = ToBoundary(record.boundary);
    return output;
  });
}

Result<ListUsersOutput> Iam::ListUsers(const Call&, const ListUsersInput& in) const {
  std::vector<UserRecord> users =
      TRY(state_->database.Read([](const store::ReadTx& tx) { return tx.Select<UserRecord>(""); }));
  const std::string prefix = in.path_prefix.value_or("/");
  std::erase_if(users, [&](const UserRecord& user) { return !user.path.starts_with(prefix); });
  const auto page = TRY(Cut(
      std::move(users), [](const UserRecord& user) { return user.name; }, in.marker, in.max_items));
  ListUsersOutput output;
  SetPage(output, page);
  for (const UserRecord& user : page.items) output.users.push_back(ToUser(user, state_->UserArn(user)));
  return output;
}

Result<UpdateUserOutput> Iam::UpdateUser(const Call&, const UpdateUserInput& in) {
  if (in.new_user_name) TRY(CheckName(*in.new_user_name, "newUserName"));
  const std::string path = TRY(CheckPath(in.new_path));
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    if (in.new_user_name && ToLower(*in.new_user_name) != user.name_key) TRY(RefuseNameInUse(tx, *in.new_user_name));
    user.name = in.new_user_name.value_or(user.name);
    user.name_key = ToLower(user.name);
    if (in.new_path) user.path = path;
    TRY(tx.Put(user));
    return state_->Publish(tx, user);
  }));
  return UpdateUserOutput{};
}

Result<DeleteUserOutput> Iam::DeleteUser(const Call&, const DeleteUserInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    const UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(RefuseWhileInUse(tx, user.id));
    TRY(tx.Delete<UserRecord>(user.id));
    tx.OnCommit([this, id = user.id] { state_->index.RemoveIdentity(id); });
    return {};
  }));
  return DeleteUserOutput{};
}

Result<TagUserOutput> Iam::TagUser(const Call&, const TagUserInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(AddTags(user.tags, in.tags));
    TRY(tx.Put(user));
    return state_->Publish(tx, user);
  }));
  return TagUserOutput{};
}

Result<UntagUserOutput> Iam::UntagUser(const Call&, const UntagUserInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    RemoveTags(user.tags, in.tag_keys);
    TRY(tx.Put(user));
    return state_->Publish(tx, user);
  }));
  return UntagUserOutput{};
}

Result<ListUserTagsOutput> Iam::ListUserTags(const Call&, const ListUserTagsInput& in) const {
  const UserRecord user =
      TRY(state_->database.Read([&](const store::ReadTx& tx) { return GetUserRecord(tx, in.user_name); }));
  const auto page = TRY(Cut(
      ToTagList(user.tags), [](const Tag& tag) { return tag.key; }, in.marker, in.max_items));
  ListUserTagsOutput output;
  SetPage(output, page);
  output.tags = page.items;
  return output;
}

Result<ListGroupsForUserOutput> Iam::ListGroupsForUser(const Call&, const ListGroupsForUserInput& in) const {
  TRY(state_->database.Read([&](const store::ReadTx& tx) { return GetUserRecord(tx, in.user_name); }));
  ListGroupsForUserOutput output;
  output.is_truncated = false;
  return output;
}

}  // namespace meetinity::iam
