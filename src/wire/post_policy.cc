#include "wire/post_policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/text.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kIgnoredPrefix = "x-ignore-";
// What the form must say of its own signature, or what is sent anyway.
constexpr std::string_view kNeedNoCondition[] = {"awsaccesskeyid", "signature",       "policy",
                                                 "file",           "x-amz-signature", "bucket"};

Error InvalidPolicy(std::string_view why) {
  return {Kind::kInvalid, kInvalidPolicyDocument, "Invalid Policy: " + std::string(why)};
}

Error Denied(const std::string& why) {
  return {Kind::kUnauthorized, kAccessDenied, "Invalid according to Policy: " + why};
}

std::string ToText(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::optional<uint64_t> ToBytes(const Json& json) {
  if (json.is_number_unsigned()) return json.get<uint64_t>();
  if (json.is_string()) return ParseUnsigned(json.get_ref<const std::string&>());
  return std::nullopt;
}

}  // namespace

class PostPolicyReader {
 public:
  static Result<PostPolicy> Read(const Json& json) {
    PostPolicy policy;
    if (!json.is_object()) return InvalidPolicy("Invalid JSON.");
    const auto expiration = json.find("expiration");
    if (expiration == json.end() || !expiration->is_string()) return InvalidPolicy("Policy missing expiration.");
    const Result<Instant> at = Instant::ParseIso8601(expiration->get_ref<const std::string&>());
    if (!at.ok()) return InvalidPolicy("Invalid 'expiration' value: '" + expiration->get<std::string>() + "'");
    policy.expiration_ = *at;
    const auto conditions = json.find("conditions");
    if (conditions == json.end() || !conditions->is_array()) return InvalidPolicy("Policy missing conditions.");
    for (const Json& condition : *conditions) {
      TRY(condition.is_object() ? ReadObject(condition, policy) : ReadArray(condition, policy));
    }
    return policy;
  }

 private:
  static Status Add(PostPolicy& policy, const Json& operation, const std::string& field, const Json& value) {
    if (!value.is_string()) return InvalidPolicy("Invalid Simple-Condition: value must be a string.");
    const std::string& verb = operation.get_ref<const std::string&>();
    const bool equals = EqualsIgnoreCase(verb, "eq");
    if (!equals && !EqualsIgnoreCase(verb, "starts-with")) return InvalidPolicy("Invalid condition operation: " + verb);
    policy.conditions_.push_back({equals ? PostPolicy::Comparison::kEquals : PostPolicy::Comparison::kStartsWith,
                                  ToLower(field), value.get<std::string>(),
                                  ToText(Json::array({verb, "$" + field, value}))});
    return {};
  }

  static Status ReadObject(const Json& condition, PostPolicy& policy) {
    if (condition.size() != 1)
      return InvalidPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
    return Add(policy, "eq", condition.begin().key(), condition.begin().value());
  }

  static Status ReadArray(const Json& condition, PostPolicy& policy) {
    if (!condition.is_array() || condition.size() != 3 || !condition[0].is_string())
      return InvalidPolicy("Invalid Condition: a condition is an object or an array of three.");
    if (EqualsIgnoreCase(condition[0].get_ref<const std::string&>(), "content-length-range")) {
      const std::optional<uint64_t> least = ToBytes(condition[1]), most = ToBytes(condition[2]);
      if (!least || !most) return InvalidPolicy("Invalid content-length-range: two numbers of bytes are expected.");
      policy.bytes_min_ = std::max(policy.bytes_min_.value_or(0), *least);
      policy.bytes_max_ = std::min(policy.bytes_max_.value_or(*most), *most);
      return {};
    }
    if (!condition[1].is_string() || !condition[1].get_ref<const std::string&>().starts_with('$'))
      return InvalidPolicy("Invalid Condition: a field's name begins with '$'.");
    return Add(policy, condition[0], condition[1].get_ref<const std::string&>().substr(1), condition[2]);
  }
};

Result<PostPolicy> PostPolicy::Parse(std::string_view encoded) {
  const Result<std::string> text = Base64Decode(encoded);
  if (!text.ok()) return InvalidPolicy("Could not decode: not valid base64.");
  return PostPolicyReader::Read(Json::parse(*text, nullptr, false));
}

Status PostPolicy::Check(const std::map<std::string, std::string>& fields, Instant now) const {
  if (now >= expiration_) return Denied("Policy expired.");
  for (const Condition& condition : conditions_) {
    const auto field = fields.find(condition.field);
    const std::string_view value = field == fields.end() ? std::string_view() : field->second;
    const bool holds =
        condition.comparison == Comparison::kEquals ? value == condition.value : value.starts_with(condition.value);
    if (!holds) return Denied("Policy Condition failed: " + condition.text);
  }
  for (const auto& [name, value] : fields) {
    if (name.starts_with(kIgnoredPrefix)) continue;
    if (std::ranges::find(kNeedNoCondition, name) != std::end(kNeedNoCondition)) continue;
    if (std::ranges::find(conditions_, name, &Condition::field) == conditions_.end())
      return Denied("Extra input fields: " + name);
  }
  return {};
}

Status PostPolicy::CheckSize(uint64_t bytes, bool complete) const {
  if (bytes_max_ && bytes > *bytes_max_)
    return Error{Kind::kInvalid, kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size"}
        .With("ProposedSize", std::to_string(bytes))
        .With("MaxSizeAllowed", std::to_string(*bytes_max_));
  if (complete && bytes_min_ && bytes < *bytes_min_)
    return Error{Kind::kInvalid, kEntityTooSmall, "Your proposed upload is smaller than the minimum allowed size"}
        .With("ProposedSize", std::to_string(bytes))
        .With("MinSizeAllowed", std::to_string(*bytes_min_));
  return {};
}

}  // namespace meetinity::wire
