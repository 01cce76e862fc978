#include <fmt/format.h>

#include "aws/iam/errors.h"
#include "aws/iam/iam_state.h"
#include "aws/iam/input.h"

// Permissions boundaries: the most that a user's or role's identity policies can give it.
namespace meetinity::iam {
namespace {

template <class Record>
Status SetBoundary(store::Tx& tx, Record& record, const std::string& policy_arn) {
  TRY(CheckBoundary(tx, policy_arn));
  record.boundary = policy_arn;
  return tx.Put(record);
}

template <class Record>
Status TakeBoundary(store::Tx& tx, Record& record) {
  if (!record.boundary) {
    return Error{Kind::kNotFound, kNoSuchEntity, fmt::format("{} has no permissions boundary.", record.name)};
  }
  record.boundary.reset();
  return tx.Put(record);
}

}  // namespace

Status CheckBoundary(const store::ReadTx& tx, const std::string& policy_arn) {
  if (GetPolicyRecord(tx, policy_arn).ok()) return {};
  return Error{Kind::kNotFound, kNoSuchEntity,
               fmt::format("Scope ARN: {} does not exist or is not attachable.", policy_arn)};
}

std::optional<AttachedPermissionsBoundary> ToBoundary(const std::optional<std::string>& policy_arn) {
  if (!policy_arn) return std::nullopt;
  AttachedPermissionsBoundary boundary;
  boundary.permissions_boundary_arn = *policy_arn;
  boundary.permissions_boundary_type = "PermissionsBoundaryPolicy";
  return boundary;
}

Result<int64_t> CountBoundaryUses(const store::ReadTx& tx, const std::string& policy_arn) {
  const int64_t users = TRY(tx.Count<UserRecord>("boundary = ?", {policy_arn}));
  return users + TRY(tx.Count<RoleRecord>("boundary = ?", {policy_arn}));
}

Result<PutUserPermissionsBoundaryOutput> Iam::PutUserPermissionsBoundary(const Call&,
                                                                         const PutUserPermissionsBoundaryInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(SetBoundary(tx, user, in.permissions_boundary));
    return state_->Publish(tx, user);
  }));
  return PutUserPermissionsBoundaryOutput{};
}

Result<DeleteUserPermissionsBoundaryOutput> Iam::DeleteUserPermissionsBoundary(
    const Call&, const DeleteUserPermissionsBoundaryInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    UserRecord user = TRY(GetUserRecord(tx, in.user_name));
    TRY(TakeBoundary(tx, user));
    return state_->Publish(tx, user);
  }));
  return DeleteUserPermissionsBoundaryOutput{};
}

Result<PutRolePermissionsBoundaryOutput> Iam::PutRolePermissionsBoundary(const Call&,
                                                                         const PutRolePermissionsBoundaryInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    TRY(SetBoundary(tx, role, in.permissions_boundary));
    return state_->Publish(tx, role);
  }));
  return PutRolePermissionsBoundaryOutput{};
}

Result<DeleteRolePermissionsBoundaryOutput> Iam::DeleteRolePermissionsBoundary(
    const Call&, const DeleteRolePermissionsBoundaryInput& in) {
  TRY(state_->database.Write([&](store::Tx& tx) -> Status {
    RoleRecord role = TRY(GetRoleRecord(tx, in.role_name));
    TRY(TakeBoundary(tx, role));
    return state_->Publish(tx, role);
  }));
  return DeleteRolePermissionsBoundaryOutput{};
}

}  // namespace meetinity::iam
