#pragma once

#include <span>
#include <string>
#include <string_view>

#include "aws/iam/state.h"

namespace meetinity::iam {

// A policy that exists in every account under AWS's own ARN. The permissions are worded here; they grant what the
// policy's name promises for the services that this cloud serves.
struct AwsManagedPolicy {
  std::string_view path;  // "/service-role/"
  std::string_view name;
  std::string_view id;
  std::string_view description;
  std::string_view document;

  std::string Arn() const;
};

std::span<const AwsManagedPolicy> AwsManagedPolicies();
const AwsManagedPolicy* FindAwsManagedPolicy(std::string_view arn);
PolicyRecord ToRecord(const AwsManagedPolicy& policy);

}  // namespace meetinity::iam
