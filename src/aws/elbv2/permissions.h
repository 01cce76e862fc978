#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/elbv2/arns.h"
#include "aws/elbv2/state.h"
#include "aws/elbv2_model.h"
#include "wire/call.h"

// The resources that Elastic Load Balancing's operations are authorised on (Service Authorization Reference, "Actions
// defined by AWS Elastic Load Balancing V2").
namespace meetinity::elbv2 {

// What an operation is about, as its input tells.
struct Subject {
  std::vector<std::string> resources;                  // at least one; "*" for what has no resource type
  const std::vector<Tag>* tags = nullptr;              // brought
  const std::vector<std::string>* tag_keys = nullptr;  // to be removed
  bool creates_tagged = false;                         // what is made bears tags, which needs the right to tag, too
};

template <class In>
Subject SubjectOf(std::string_view operation, const wire::Call& call, const In& in) {
  Subject subject;
  if (operation.starts_with("Describe")) {
    subject.resources = {"*"};
    return subject;
  }
  if constexpr (requires { in.tags.value(); }) {
    if (in.tags && !in.tags->empty()) {
      subject.tags = &*in.tags;
      subject.creates_tagged = true;
    }
  } else if constexpr (requires { in.tags; }) {
    subject.tags = &in.tags;
  }
  if constexpr (requires { in.tag_keys; }) subject.tag_keys = &in.tag_keys;
  if constexpr (requires { in.resource_arns; }) {
    subject.resources = in.resource_arns;
  } else if constexpr (requires { in.rule_priorities; }) {
    for (const RulePriorityPair& pair : in.rule_priorities) subject.resources.push_back(pair.rule_arn.value_or(""));
  } else if constexpr (requires { std::string(in.rule_arn); }) {
    subject.resources = {in.rule_arn};
  } else if constexpr (requires { std::string(in.listener_arn); }) {
    subject.resources = {in.listener_arn};
  } else if constexpr (requires { std::string(in.target_group_arn); }) {
    subject.resources = {in.target_group_arn};
  } else if constexpr (requires { std::string(in.load_balancer_arn); }) {
    subject.resources = {in.load_balancer_arn};
  } else if constexpr (requires { in.target_type; }) {
    subject.resources = {ArnToBe(PlaceOf(call), "targetgroup", in.name)};
  } else if constexpr (requires { in.scheme; }) {
    const bool is_network = in.type == LoadBalancerTypeEnum::kNetwork;
    subject.resources = {ArnToBe(PlaceOf(call), is_network ? "loadbalancer/net" : "loadbalancer/app", in.name)};
  }
  if (subject.resources.empty()) subject.resources = {"*"};
  return subject;
}

}  // namespace meetinity::elbv2
