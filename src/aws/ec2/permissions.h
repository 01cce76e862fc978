#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "aws/ec2/resource_kinds.h"
#include "aws/ec2_model.h"

namespace meetinity::ec2 {

struct BroughtTag {
  std::string key;
  std::string value;
};

// What an operation is about, as its input tells (Service Authorization Reference, "Actions defined by Amazon EC2").
struct Subject {
  std::string operation;
  std::vector<std::string> ids;         // of what exists and is named
  const ResourceKind* makes = nullptr;  // what a creation makes
  std::vector<BroughtTag> brought;      // tags of the request
  bool tags_a_creation = false;         // they need ec2:CreateTags as well
};

namespace detail {
inline void AddId(Subject& subject, const std::string& id) { subject.ids.push_back(id); }
inline void AddId(Subject& subject, const std::optional<std::string>& id) {
  if (id) subject.ids.push_back(*id);
}
inline void AddTags(Subject& subject, const std::optional<std::vector<Tag>>& tags) {
  for (const Tag& tag : tags.value_or(std::vector<Tag>())) {
    subject.brought.push_back({tag.key.value_or(""), tag.value.value_or("")});
  }
}
}  // namespace detail

// EC2 names a kind of resource alike in all its inputs.
template <class In>
Subject SubjectOf(std::string_view operation, const ResourceKind* makes, const In& in) {
  Subject subject;
  subject.operation = operation;
  subject.makes = makes;
  // Those that only describe are authorised on everything.
  if (operation.starts_with("Describe")) return subject;
  if constexpr (requires { in.allocation_id; }) detail::AddId(subject, in.allocation_id);
  if constexpr (requires { in.gateway_id; }) detail::AddId(subject, in.gateway_id);
  if constexpr (requires { in.internet_gateway_id; }) detail::AddId(subject, in.internet_gateway_id);
  if constexpr (requires { in.nat_gateway_id; }) detail::AddId(subject, in.nat_gateway_id);
  if constexpr (requires { in.network_interface_id; }) detail::AddId(subject, in.network_interface_id);
  if constexpr (requires { in.route_table_id; }) detail::AddId(subject, in.route_table_id);
  if constexpr (requires { in.subnet_id; }) detail::AddId(subject, in.subnet_id);
  if constexpr (requires { in.vpc_id; }) detail::AddId(subject, in.vpc_id);
  if constexpr (
      requires { in.group_id.size(); } || requires { in.group_id.value(); }) {
    if constexpr (!std::is_same_v<decltype(in.group_id), std::vector<std::string>>) {
      detail::AddId(subject, in.group_id);
    }
  }
  if constexpr (requires { in.resources; }) subject.ids = in.resources;
  if constexpr (requires { in.tag_specifications; }) {
    for (const auto& one : in.tag_specifications.value_or(std::vector<TagSpecification>())) {
      detail::AddTags(subject, one.tags);
    }
    subject.tags_a_creation = !subject.brought.empty();
  } else if constexpr (requires { in.tags; }) {
    detail::AddTags(subject, in.tags);
  }
  return subject;
}

}  // namespace meetinity::ec2
