#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "wire/service.h"

namespace meetinity::wire {

// Whom a request is for, by its head alone.
struct Addressee {
  const ServiceHost* host = nullptr;  // null: nobody we know
  std::string claimed;                // the service that the credential scope names; empty when unsigned
  std::string bucket;                 // S3, virtual-hosted style: the bucket that Host named

  bool is_s3() const { return host != nullptr && host->model().is_s3; }
};

// The services of the house, and how a request finds its own: by the credential scope (which is signed, so it is what
// the client meant), else by X-Amz-Target's prefix, else it is an unsigned S3 request. Filled before the first
// request, read-only after.
class ServiceTable {
 public:
  explicit ServiceTable(std::vector<std::string> s3_host_suffixes);

  void Add(const ServiceHost& host);
  Addressee Find(const net::RequestHead& request) const;

 private:
  const ServiceHost* FindByTarget(std::string_view target) const;
  std::string BucketOf(std::string_view authority) const;

  std::vector<std::string> suffixes_;  // the longest first
  std::map<std::string, const ServiceHost*, std::less<>> by_name_;
  const ServiceHost* s3_ = nullptr;
};

// "Localhost:4566" → "localhost"; keeps the brackets of an IPv6 address.
std::string HostWithoutPort(std::string_view authority);

// The region that a scope for `service` must name at the endpoint of `region`. Services that AWS runs once for all
// regions are signed for us-east-1 (or "aws-global") and, by clients that were told only about our endpoint, for its
// region; so are those whose us-east-1 resources CloudFront uses. S3 is not among them: its clients follow the region
// that the refusal names.
std::string_view ExpectedRegion(std::string_view service, std::string_view claimed_region, std::string_view region);

}  // namespace meetinity::wire
