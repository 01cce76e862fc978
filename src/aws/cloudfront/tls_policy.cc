#include "aws/cloudfront/tls_policy.h"

#include <fmt/format.h>

#include <string>

#include "aws/cloudfront/errors.h"

namespace meetinity::cloudfront {
namespace {

constexpr std::string_view kModern =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384";
constexpr std::string_view kChaCha = ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr std::string_view kCbcSha2 =
    ":ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384";
constexpr std::string_view kRsaSha2 = ":AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256";
constexpr std::string_view kSha1 =
    ":ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:AES256-SHA:AES128-SHA";

struct Policy {
  std::string_view name;
  net::TlsVersion minimum;
  std::string ciphers;
  std::string_view ciphersuites;
};

const Policy* FindPolicy(std::string_view name) {
  using net::TlsVersion;
  static const std::string kWith2019 = fmt::format("{}{}{}", kModern, kChaCha, kCbcSha2);
  static const std::string kWith2018 = kWith2019 + std::string(kRsaSha2);
  static const std::string kEverything = kWith2018 + std::string(kSha1);
  // OpenSSL 3 has no 3DES in its default build, which is all that TLSv1 has over TLSv1_2016.
  static const Policy kPolicies[] = {
      {"TLSv1", TlsVersion::kTls10, kEverything, ""},
      {"TLSv1_2016", TlsVersion::kTls10, kEverything, ""},
      {"TLSv1.1_2016", TlsVersion::kTls11, kEverything, ""},
      {"TLSv1.2_2018", TlsVersion::kTls12, kWith2018, ""},
      {"TLSv1.2_2019", TlsVersion::kTls12, kWith2019, ""},
      {"TLSv1.2_2021", TlsVersion::kTls12, fmt::format("{}{}", kModern, kChaCha), ""},
      {"TLSv1.2_2025", TlsVersion::kTls12, std::string(kModern), "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"},
      {"TLSv1.3_2025", TlsVersion::kTls13, std::string(kModern), ""},
  };
  for (const Policy& policy : kPolicies) {
    if (policy.name == name) return &policy;
  }
  return nullptr;
}

}  // namespace

Result<net::TlsServerOptions> ToTlsOptions(std::string_view policy) {
  const Policy* found = FindPolicy(policy);
  if (found == nullptr) {
    return Error{Kind::kInvalid, kInvalidMinimumProtocolVersion,
                 fmt::format("there is no MinimumProtocolVersion {}; TLSv1.2_2021 suits most viewers", policy)};
  }
  net::TlsServerOptions options;
  options.minimum = found->minimum;
  options.ciphers = found->ciphers;
  options.ciphersuites = found->ciphersuites;
  return options;
}

}  // namespace meetinity::cloudfront
