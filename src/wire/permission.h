#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace meetinity::wire {

struct IgnoreCaseLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [&](char x, char y) { return lower(x) < lower(y); });
  }
};

// Condition keys and their values: {"s3:prefix", {"photos/"}}. Names compare without regard to case.
using ConditionKeys = std::map<std::string, std::vector<std::string>, IgnoreCaseLess>;

// What a caller must be allowed: an action on a resource, as AWS's Service Authorization Reference lists them.
struct Permission {
  std::string action;          // "iam:GetUser"; empty for the action that bears the operation's own name
  std::string resource = "*";  // an ARN; "*" for actions that have no resource type
  ConditionKeys keys;          // the service's own, and aws:ResourceTag/…, aws:RequestTag/…, aws:TagKeys
};

// All of them are needed, in this order: the first that is missing is what the caller is told.
using Permissions = std::vector<Permission>;

// aws:RequestTag/… and aws:TagKeys of tags that a request brings. `tags` is a range with members `key` and `value`,
// the latter a text or an optional one.
template <class TagRange>
void AddRequestTags(const TagRange& tags, ConditionKeys& keys) {
  for (const auto& tag : tags) {
    std::string value;
    if constexpr (requires { tag.value.has_value(); }) {
      value = tag.value.value_or("");
    } else {
      value = tag.value;
    }
    keys["aws:RequestTag/" + tag.key] = {std::move(value)};
    keys["aws:TagKeys"].push_back(tag.key);
  }
}

}  // namespace meetinity::wire
