#include "engine/edge/signed_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/text.h"

namespace meetinity::edge {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMalformedPolicy = "MalformedPolicy";

// A custom policy is some 200 bytes; more than a request may be cannot have come.
constexpr size_t kPolicyBytesMax = 20'480;

Error Malformed(std::string_view why) {
  return Error{Kind::kInvalid, kMalformedPolicy, fmt::format("the policy {}", why)};
}

// { "<operator's>": value } and nothing besides.
const Json* OnlyMember(const Json& object, const char* name) {
  if (!object.is_object() || object.size() != 1) return nullptr;
  const auto member = object.find(name);
  return member == object.end() ? nullptr : &*member;
}

Result<Instant> ReadTime(const Json& condition) {
  const Json* time = OnlyMember(condition, "AWS:EpochTime");
  if (time == nullptr || !time->is_number_unsigned() || time->get<uint64_t>() > kLatestEpochTime) {
    return Malformed("has a date that is not an AWS:EpochTime in seconds");
  }
  return Instant::FromUnixSeconds(static_cast<int64_t>(time->get<uint64_t>()));
}

Status ReadConditions(const Json& conditions, SignedPolicy& policy) {
  if (!conditions.is_object()) return Malformed("has no Condition");
  bool expires = false;
  for (const auto& [name, condition] : conditions.items()) {
    if (name == "DateLessThan") {
      policy.expires = TRY(ReadTime(condition));
      expires = true;
    } else if (name == "DateGreaterThan") {
      policy.not_before = TRY(ReadTime(condition));
    } else if (name == "IpAddress") {
      const Json* block = OnlyMember(condition, "AWS:SourceIp");
      if (block == nullptr || !block->is_string()) return Malformed("has an IpAddress without AWS:SourceIp");
      policy.source = TRY(AddressBlock::Parse(block->get_ref<const std::string&>()));
    } else {
      return Malformed("has a condition that is not known");
    }
  }
  return expires ? Status() : Malformed("has no DateLessThan");
}

}  // namespace

Result<AddressBlock> AddressBlock::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<Cidr> address = Cidr::ParseAddress(text.substr(0, slash));
  if (!address) return Malformed("names an address that is none");
  if (slash == std::string_view::npos) return AddressBlock(*address);
  const auto prefix = ParseUnsigned(text.substr(slash + 1));
  const std::optional<Cidr> block = prefix ? address->WithPrefix(*prefix) : std::nullopt;
  if (!block) return Malformed("names a block of addresses with a bad prefix length");
  return AddressBlock(*block);
}

bool AddressBlock::Contains(std::string_view address) const {
  const std::optional<Cidr> one = Cidr::ParseAddress(address);
  return one && block_.Contains(*one);
}

bool SignedPolicy::Admits(std::string_view url, std::string_view peer_address, Instant now) const {
  if (now >= expires || (not_before && now <= *not_before)) return false;
  if (source && !source->Contains(peer_address)) return false;
  return MatchesWildcard(resource, url);
}

Result<SignedPolicy> ParseSignedPolicy(std::string_view json) {
  if (json.size() > kPolicyBytesMax) return Malformed("is too long");
  const Json document = Json::parse(json, nullptr, false);
  const Json* statements = document.is_discarded() ? nullptr : OnlyMember(document, "Statement");
  if (statements == nullptr || !statements->is_array() || statements->size() != 1 || !statements->front().is_object()) {
    return Malformed("is not an object with one Statement");
  }
  SignedPolicy policy;
  bool has_condition = false;
  for (const auto& [name, member] : statements->front().items()) {
    if (name == "Resource" && member.is_string()) {
      policy.resource = member.get<std::string>();
    } else if (name == "Condition") {
      TRY(ReadConditions(member, policy));
      has_condition = true;
    } else {
      return Malformed("has a member that is not known");
    }
  }
  if (!has_condition) return Malformed("has no Condition");
  return policy;
}

std::string CannedPolicy(std::string_view url, int64_t expires) {
  return fmt::format(R"({{"Statement":[{{"Resource":"{}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}})",
                     url, expires);
}

Result<std::string> DecodeUrlBase64(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '=');
  std::replace(plain.begin(), plain.end(), '~', '/');
  return Base64Decode(plain);
}

}  // namespace meetinity::edge
