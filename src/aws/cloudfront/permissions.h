#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/cloudfront_model.h"

namespace meetinity::cloudfront {

// What an operation is about, as its input tells.
struct Subject {
  std::string arn;                                     // given as such, by the tagging operations
  std::string distribution_id;                         // of invalidations, aliases and monitoring
  std::string id;                                      // of what the operation's name says
  const std::vector<Tag>* tags = nullptr;              // brought
  const std::vector<std::string>* tag_keys = nullptr;  // to be removed
};

template <class In>
Subject SubjectOf(const In& in) {
  Subject subject;
  if constexpr (requires { in.resource; }) subject.arn = in.resource;
  if constexpr (requires { in.distribution_id; }) {
    subject.distribution_id = in.distribution_id;
  } else if constexpr (requires { in.target_distribution_id; }) {
    subject.distribution_id = in.target_distribution_id;
  } else if constexpr (requires { in.id; }) {
    subject.id = in.id;
  }
  if constexpr (requires { in.tags.items; }) {
    if (in.tags.items) subject.tags = &*in.tags.items;
  }
  if constexpr (requires { in.distribution_config_with_tags; }) {
    const auto& tags = in.distribution_config_with_tags.tags.items;
    if (tags) subject.tags = &*tags;
  }
  if constexpr (requires { in.tag_keys.items; }) {
    if (in.tag_keys.items) subject.tag_keys = &*in.tag_keys.items;
  }
  return subject;
}

// "distribution/EDFDVBD6EXAMPLE", or "distribution/*" for what is to be made; empty for operations without a resource
// type (Service Authorization Reference, "Actions defined by Amazon CloudFront"): lists, public keys and key groups.
std::string ResourceOf(std::string_view operation, const Subject& subject);

}  // namespace meetinity::cloudfront
