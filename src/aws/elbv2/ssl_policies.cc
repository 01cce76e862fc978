#include "aws/elbv2/ssl_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <span>

#include "aws/elbv2/errors.h"

namespace meetinity::elbv2 {
namespace {

using net::TlsVersion;
using Ciphers = std::span<const std::string_view>;

// The page's families of ciphers.
constexpr std::string_view kTls13[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                       "TLS_CHACHA20_POLY1305_SHA256"};
constexpr std::string_view kGcm[] = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"};
constexpr std::string_view kGcm256[] = {"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"};
constexpr std::string_view kCbc[] = {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256"};
constexpr std::string_view kCbc256[] = {"ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384"};
constexpr std::string_view kSha1[] = {"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA"};
constexpr std::string_view kSha1256[] = {"ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES256-SHA"};
constexpr std::string_view kRsa[] = {"AES128-GCM-SHA256", "AES128-SHA256"};
constexpr std::string_view kRsaSha1[] = {"AES128-SHA"};
constexpr std::string_view kRsa256[] = {"AES256-GCM-SHA384", "AES256-SHA256"};
constexpr std::string_view kRsa256Sha1[] = {"AES256-SHA"};

SecurityPolicy Make(std::string_view name, TlsVersion minimum, TlsVersion maximum,
                    std::initializer_list<Ciphers> families) {
  SecurityPolicy policy;
  policy.name = fmt::format("ELBSecurityPolicy-{}", name);
  policy.minimum = minimum;
  policy.maximum = maximum;
  for (const Ciphers family : families) policy.ciphers.insert(policy.ciphers.end(), family.begin(), family.end());
  return policy;
}

std::vector<SecurityPolicy> MakeAll() {
  constexpr TlsVersion k10 = TlsVersion::kTls10, k11 = TlsVersion::kTls11, k12 = TlsVersion::kTls12,
                       k13 = TlsVersion::kTls13;
  return {
      Make("TLS13-1-3-2021-06", k13, k13, {kTls13}),
      Make("TLS13-1-2-2021-06", k12, k13, {kTls13, kGcm, kCbc, kGcm256, kCbc256}),
      Make("TLS13-1-2-Res-2021-06", k12, k13, {kTls13, kGcm, kGcm256}),
      Make("TLS13-1-2-Ext1-2021-06", k12, k13, {kTls13, kGcm, kCbc, kGcm256, kCbc256, kRsa, kRsa256}),
      Make("TLS13-1-2-Ext2-2021-06", k12, k13,
           {kTls13, kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256, kRsa, kRsaSha1, kRsa256, kRsa256Sha1}),
      Make("TLS13-1-1-2021-06", k11, k13,
           {kTls13, kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256, kRsa, kRsaSha1, kRsa256, kRsa256Sha1}),
      Make("TLS13-1-0-2021-06", k10, k13,
           {kTls13, kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256, kRsa, kRsaSha1, kRsa256, kRsa256Sha1}),
      Make("2016-08", k10, k12, {kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256, kRsa, kRsaSha1, kRsa256, kRsa256Sha1}),
      Make("TLS-1-2-2017-01", k12, k12, {kGcm, kCbc, kGcm256, kCbc256, kRsa, kRsa256}),
      Make("TLS-1-2-Ext-2018-06", k12, k12,
           {kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256, kRsa, kRsaSha1, kRsa256, kRsa256Sha1}),
      Make("TLS-1-1-2017-01", k11, k12,
           {kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256, kRsa, kRsaSha1, kRsa256, kRsa256Sha1}),
      Make("FS-2018-06", k10, k12, {kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256}),
      Make("FS-1-1-2019-08", k11, k12, {kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256}),
      Make("FS-1-2-2019-08", k12, k12, {kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256}),
      Make("FS-1-2-Res-2019-08", k12, k12, {kGcm, kCbc, kGcm256, kCbc256}),
      Make("FS-1-2-Res-2020-10", k12, k12, {kGcm, kGcm256}),
      Make("2015-05", k10, k12, {kGcm, kCbc, kSha1, kGcm256, kCbc256, kSha1256, kRsa, kRsaSha1, kRsa256, kRsa256Sha1}),
  };
}

std::string ListOf(const SecurityPolicy& policy, bool of_tls13) {
  std::string list;
  for (const std::string_view cipher : policy.ciphers) {
    if (cipher.starts_with("TLS_") != of_tls13) continue;
    if (!list.empty()) list += ':';
    list += cipher;
  }
  return list;
}

}  // namespace

const std::vector<SecurityPolicy>& SecurityPolicies() {
  static const std::vector<SecurityPolicy> policies = MakeAll();
  return policies;
}

Result<const SecurityPolicy*> GetSecurityPolicy(std::string_view name) {
  const auto& all = SecurityPolicies();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const SecurityPolicy& policy) { return policy.name == name; });
  if (found == all.end()) {
    return Error{Kind::kInvalid, kSslPolicyNotFound, fmt::format("SSL policy '{}' not found", name.substr(0, 256))};
  }
  return &*found;
}

std::vector<std::string> ProtocolsOf(const SecurityPolicy& policy) {
  static constexpr std::string_view kNames[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
  std::vector<std::string> names;
  for (auto version = static_cast<size_t>(policy.minimum); version <= static_cast<size_t>(policy.maximum); ++version) {
    names.emplace_back(kNames[version]);
  }
  return names;
}

std::string CipherListOf(const SecurityPolicy& policy) { return ListOf(policy, false); }
std::string CipherSuitesOf(const SecurityPolicy& policy) { return ListOf(policy, true); }

}  // namespace meetinity::elbv2
