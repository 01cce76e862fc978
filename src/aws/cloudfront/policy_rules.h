#pragma once

#include "aws/cloudfront_model.h"
#include "base/result.h"

// Rules that policies, public keys and key groups must keep by themselves, and the form in which they are read back.
// Pure functions; what refers to other resources is asked elsewhere.
namespace meetinity::cloudfront {

// CloudFront Developer Guide, page "Quotas".
inline constexpr size_t kNamesInPolicyMax = 10;  // headers, and cookies, and query strings
inline constexpr size_t kCustomResponseHeadersMax = 10;
inline constexpr size_t kRemovedResponseHeadersMax = 10;
inline constexpr size_t kContentSecurityPolicyMax = 1'783;
inline constexpr size_t kPublicKeysInGroupMax = 5;

Status CheckConfig(const CachePolicyConfig& config);
Status CheckConfig(const OriginRequestPolicyConfig& config);
Status CheckConfig(const ResponseHeadersPolicyConfig& config);
Status CheckConfig(const PublicKeyConfig& config);
Status CheckConfig(const KeyGroupConfig& config);

void FillDefaults(CachePolicyConfig& config);
void FillDefaults(OriginRequestPolicyConfig& config);
void FillDefaults(ResponseHeadersPolicyConfig& config);
void FillDefaults(PublicKeyConfig& config);
void FillDefaults(KeyGroupConfig& config);

// An HTTP field name.
bool IsHeaderName(std::string_view name);

}  // namespace meetinity::cloudfront
