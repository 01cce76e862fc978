#include "wire/service_table.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "wire/sigv4.h"

namespace meetinity::wire {
namespace {

// ACM and CloudWatch keep CloudFront's certificates and metrics in us-east-1; the others have no region.
constexpr std::array<std::string_view, 11> kAlsoInUsEast1 = {
    "iam",     "sts", "cloudfront", "route53",    "route53domains", "acm",
    "budgets", "ce",  "pricing",    "monitoring", "organizations"};

// A form that names an operation is a query call without a signature, not an upload to S3's root.
bool IsUnsignedQueryCall(const net::RequestHead& request) {
  if (request.path != "/") return false;
  if (request.query.starts_with("Action=") || request.query.find("&Action=") != std::string_view::npos) return true;
  const auto type = request.Find("content-type");
  return request.method == "POST" && type && type->starts_with("application/x-www-form-urlencoded");
}

}  // namespace

ServiceTable::ServiceTable(std::vector<std::string> s3_host_suffixes) : suffixes_(std::move(s3_host_suffixes)) {
  std::stable_sort(suffixes_.begin(), suffixes_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void ServiceTable::Add(const ServiceHost& host) {
  const bool fresh = by_name_.emplace(host.model().signing_name, &host).second;
  CHECK(fresh);  // two services of one name could not be told apart
  if (host.model().is_s3) s3_ = &host;
}

Addressee ServiceTable::Find(const net::RequestHead& request) const {
  Addressee found;
  found.claimed = ClaimedService(request);
  if (!found.claimed.empty()) {
    const auto named = by_name_.find(found.claimed);
    if (named != by_name_.end()) found.host = named->second;
  } else if (const auto target = request.Find("x-amz-target")) {
    found.host = FindByTarget(*target);
  } else if (!IsUnsignedQueryCall(request)) {
    found.host = s3_;
  }
  if (found.is_s3()) found.bucket = BucketOf(request.authority);
  return found;
}

const ServiceHost* ServiceTable::FindByTarget(std::string_view target) const {
  const std::string_view prefix = target.substr(0, target.rfind('.'));
  for (const auto& [name, host] : by_name_) {
    if (!host->model().target_prefix.empty() && host->model().target_prefix == prefix) return host;
  }
  return nullptr;
}

std::string ServiceTable::BucketOf(std::string_view authority) const {
  const std::string name = HostWithoutPort(authority);
  const std::string_view host = name;
  // A suffix itself is the endpoint, even where a shorter suffix would make a bucket of its first label.
  for (const std::string& suffix : suffixes_) {
    if (host == suffix) return {};
  }
  for (const std::string& suffix : suffixes_) {
    if (host.size() > suffix.size() + 1 && host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.') {
      return std::string(host.substr(0, host.size() - suffix.size() - 1));
    }
  }
  return {};
}

std::string HostWithoutPort(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  return ToLower(has_port ? authority.substr(0, colon) : authority);
}

std::string_view ExpectedRegion(std::string_view service, std::string_view claimed_region, std::string_view region) {
  if (claimed_region != "us-east-1" && claimed_region != "aws-global") return region;
  return std::find(kAlsoInUsEast1.begin(), kAlsoInUsEast1.end(), service) == kAlsoInUsEast1.end() ? region
                                                                                                  : claimed_region;
}

}  // namespace meetinity::wire
