#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/cloudfront/state.h"
#include "aws/cloudfront_model.h"
#include "base/result.h"
#include "engine/edge/config.h"

// State → the edge's plain configuration. Pure, but for what Surroundings are asked.
namespace meetinity::cloudfront {

// What a distribution's configuration refers to, and CloudFront does not hold itself.
struct Surroundings {
  // The cache policy of an id, managed or custom.
  std::function<Result<CachePolicyConfig>(const std::string& id)> cache_policy;
  std::function<Result<OriginRequestPolicyConfig>(const std::string& id)> origin_request_policy;
  std::function<Result<ResponseHeadersPolicyConfig>(const std::string& id)> response_headers_policy;
  // The public keys of these groups, by their ids.
  std::function<Result<std::shared_ptr<const edge::TrustedKeys>>(const std::vector<std::string>& key_groups)>
      trusted_keys;
  // Fills in where an origin that is not a bucket answers.
  std::function<Status(const Origin& origin, edge::OriginConfig& out)> reach_custom;
  net::Endpoint s3;
  // Who signs for the distribution at an S3 origin; null when nobody does.
  std::function<Result<std::shared_ptr<const edge::RequestSigner>>(const std::string& distribution_id,
                                                                   const Origin& origin)>
      signer;
  std::function<Result<std::shared_ptr<const net::TlsServerContext>>(const ViewerCertificate& certificate, bool http2)>
      certificate;
};

Result<edge::Distribution> ToEdgeDistribution(const DistributionRecord& record, const DistributionConfig& config,
                                              const Surroundings& around);

}  // namespace meetinity::cloudfront
