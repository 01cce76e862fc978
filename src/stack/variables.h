#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace meetinity::stack {

// The playbook's variable set `static_assets`: a private bucket behind a CDN. The names are the contract's.
struct StaticAssets {
  bool enabled = true;
  std::string bucket_name;                // empty: "meetinity-<environment>-static-assets"
  std::vector<std::string> domain_names;  // aliases of the distribution
  std::string price_class = "PriceClass_100";
  // Ignored where a managed cache policy rules, as the AWS provider does; here they make a cache policy of their own
  // when any of the three is set.
  std::optional<int64_t> default_ttl_seconds;
  std::optional<int64_t> max_ttl_seconds;
  std::optional<int64_t> min_ttl_seconds;
  bool compress = true;
  std::string acm_certificate_arn;  // empty with domain_names: the local CA issues one
  std::string logging_bucket;
  std::string minimum_protocol = "TLSv1.2_2021";
};

// The network that load balancers, databases and workloads are placed in: a VPC with a public and a private subnet in
// each zone. The names are those of Terraform's variable `network`.
struct Network {
  bool enabled = false;
  std::string name;  // empty: "meetinity-<environment>"
  std::string cidr = "10.0.0.0/16";
  std::optional<int64_t> azs = 3;
  std::string nat_gateway = "single";  // or "per-az" or "none"
};

// The shared application load balancer; the names are the contract's. Stands in the network.
struct AlbConfig {
  bool enabled = false;
  std::string name;  // empty: "<environment>-shared-alb"
  bool internal = false;
  std::optional<int64_t> idle_timeout = 60;  // seconds
  std::string certificate_arn;               // empty: HTTP forwards; else it redirects to HTTPS
  std::vector<std::string> subnets;          // empty: the network's public ones, or its private ones when internal
  std::vector<std::string> security_group_ids;
  std::optional<int64_t> http_port = 80;
  std::optional<int64_t> https_port = 443;
  std::string health_check_path = "/healthz";
};

// The shared network load balancer.
struct NlbConfig {
  bool enabled = false;
  std::string name;  // empty: "<environment>-shared-nlb"
  bool internal = true;
  bool cross_zone = true;
  std::vector<std::string> subnets;
  std::optional<int64_t> tcp_port = 443;
  std::string health_check_protocol = "TCP";
  std::string health_check_port;                      // empty: the target's own
  std::optional<int64_t> health_check_interval = 30;  // seconds
  std::optional<int64_t> healthy_threshold = 3;
  std::optional<int64_t> unhealthy_threshold = 3;
};

// What a .tfvars file says, with the defaults filled in.
struct Variables {
  std::string environment = "local";
  std::string aws_region;  // empty: the cloud's own
  std::map<std::string, std::string> tags;
  StaticAssets static_assets;
  Network network;
  AlbConfig alb_config;
  NlbConfig nlb_config;
};

// Reads a variables file's text. Unknown names are refused with a suggestion, wrong types and values with what would
// be right; every message begins with "file:line:column: ".
Result<Variables> ParseVariables(std::string_view file_name, std::string_view text);

}  // namespace meetinity::stack
