#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/tls.h"

// What a listener's SslPolicy stands for. ALB user guide, page "Security policies for your Application Load Balancer".
namespace meetinity::elbv2 {

// What a listener has that names none (ELBv2 API, CreateListener).
inline constexpr std::string_view kDefaultSslPolicy = "ELBSecurityPolicy-2016-08";

struct SecurityPolicy {
  std::string name;
  net::TlsVersion minimum = net::TlsVersion::kTls12;
  net::TlsVersion maximum = net::TlsVersion::kTls13;
  std::vector<std::string_view> ciphers;  // in AWS's order, OpenSSL's names
};

// In the order of the page.
const std::vector<SecurityPolicy>& SecurityPolicies();
// SSLPolicyNotFound.
Result<const SecurityPolicy*> GetSecurityPolicy(std::string_view name);

// "TLSv1.2", oldest first: what DescribeSSLPolicies lists.
std::vector<std::string> ProtocolsOf(const SecurityPolicy& policy);
// OpenSSL lists for TLS up to 1.2, and for TLS 1.3.
std::string CipherListOf(const SecurityPolicy& policy);
std::string CipherSuitesOf(const SecurityPolicy& policy);

}  // namespace meetinity::elbv2
