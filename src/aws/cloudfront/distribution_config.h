#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/cloudfront_model.h"
#include "base/result.h"
#include "wire/shape.h"

// Rules that a distribution's configuration must keep by itself, and the form in which it is read back. Pure functions.
namespace meetinity::cloudfront {

// CloudFront Developer Guide, page "Quotas".
inline constexpr size_t kOriginsMax = 25;
inline constexpr size_t kAliasesMax = 100;
inline constexpr size_t kCustomHeadersMax = 10;
inline constexpr size_t kCustomHeaderNameMax = 256;
inline constexpr size_t kCustomHeaderValueMax = 1'783;
inline constexpr size_t kCustomHeadersBytesMax = 10'240;  // of an origin, names and values together
inline constexpr size_t kDefaultRootObjectMax = 255;
inline constexpr size_t kLogPrefixMax = 256;

// Every structure with Quantity and Items must have as many items as it says: InconsistentQuantities.
Status CheckQuantities(const wire::Shape& shape, const void* value);

// What can be told from the configuration alone: names, ranges, methods, references between its parts, and features
// that are refused here. What needs other resources (policies, identities, certificates) is asked elsewhere.
Status CheckConfig(const DistributionConfig& config);

// Fills in what CloudFront adds to a configuration that leaves it out, as GetDistributionConfig then shows it.
void FillDefaults(DistributionConfig& config);

// The S3 bucket that an origin's domain name stands for ("b.s3.eu-west-1.amazonaws.com", "b.s3.amazonaws.com",
// "b.s3.localhost"), or empty.
std::string BucketOf(std::string_view origin_domain);

// Calls `use` with the default cache behavior and then with every other, whatever their two types.
template <class Config, class Use>
Status ForEachBehavior(Config& config, Use&& use) {
  TRY(use(config.default_cache_behavior));
  if (config.cache_behaviors && config.cache_behaviors->items) {
    for (auto& behavior : *config.cache_behaviors->items) TRY(use(behavior));
  }
  return {};
}

}  // namespace meetinity::cloudfront
