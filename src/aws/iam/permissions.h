#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "aws/iam_model.h"

namespace meetinity::iam {

// What one of IAM's own operations is about, as its input tells: whose rights it needs (AWS's Service Authorization
// Reference, "Actions defined by AWS Identity and Access Management"). Borrows from the input.
struct Subject {
  enum class Kind { kAccount, kUser, kUsers, kRole, kRoles, kPolicy, kPolicies, kKeysUser };

  Kind kind = Kind::kAccount;
  bool is_new = false;              // it is to be made: name and path stand for its ARN
  std::optional<std::string> name;  // absent for kUser: who calls
  std::optional<std::string> path;  // of what is new; the prefix of what is listed
  std::optional<std::string> new_name, new_path;
  std::optional<std::string> policy_arn;               // kPolicy: it; else the one attached or detached, iam:PolicyARN
  std::optional<std::string> boundary;                 // asked for, iam:PermissionsBoundary
  const std::vector<Tag>* tags = nullptr;              // brought
  const std::vector<std::string>* tag_keys = nullptr;  // to be removed
};

// By the members that an input has: IAM names its subjects alike in all operations. What has none of them is about
// the account.
template <class In>
Subject SubjectOf(const In& in) {
  using Kind = Subject::Kind;
  Subject subject;
  if constexpr (requires { in.policy_arn; }) {
    subject.kind = Kind::kPolicy;
    subject.policy_arn = in.policy_arn;
  }
  if constexpr (requires { in.user_name; }) {
    subject.kind = Kind::kUser;
    subject.name = in.user_name;
  } else if constexpr (requires { in.role_name; }) {
    subject.kind = Kind::kRole;
    subject.name = in.role_name;
  } else if constexpr (std::is_same_v<In, CreatePolicyInput>) {
    subject.kind = Kind::kPolicy;
    subject.name = in.policy_name;
  } else if constexpr (std::is_same_v<In, ListUsersInput>) {
    subject.kind = Kind::kUsers;
  } else if constexpr (std::is_same_v<In, ListRolesInput>) {
    subject.kind = Kind::kRoles;
  } else if constexpr (std::is_same_v<In, ListPoliciesInput>) {
    subject.kind = Kind::kPolicies;
  } else if constexpr (std::is_same_v<In, GetAccessKeyLastUsedInput>) {
    subject.kind = Kind::kKeysUser;
    subject.name = in.access_key_id;
  }
  subject.is_new = std::is_same_v<In, CreateUserInput> || std::is_same_v<In, CreateRoleInput> ||
                   std::is_same_v<In, CreatePolicyInput>;
  if constexpr (requires { in.path; }) subject.path = in.path;
  if constexpr (requires { in.path_prefix; }) subject.path = in.path_prefix;
  if constexpr (requires { in.new_user_name; }) {
    subject.new_name = in.new_user_name;
    subject.new_path = in.new_path;
  }
  if constexpr (requires { in.permissions_boundary; }) subject.boundary = in.permissions_boundary;
  if constexpr (requires { in.tags.value(); }) {
    if (in.tags) subject.tags = &*in.tags;
  } else if constexpr (requires { in.tags; }) {
    subject.tags = &in.tags;
  }
  if constexpr (requires { in.tag_keys; }) subject.tag_keys = &in.tag_keys;
  return subject;
}

}  // namespace meetinity::iam
