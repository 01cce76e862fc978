#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/tls.h"

// What follows from the state besides the balancer's configuration, for whoever owns the shared ports and the logs.
namespace meetinity::elbv2 {

// A name under which an application load balancer is reached on the ports that everybody shares: its own DNS name, the
// names of its certificates, and those that its rules ask for.
struct Entrance {
  std::string host = {};  // lower case; "*.x" for one label more
  // Empty where the load balancer has no such listener.
  std::string http_listener = {};
  std::string https_listener = {};
  std::shared_ptr<const net::TlsServerContext> certificate = {};  // null without an HTTPS listener
  bool operator==(const Entrance&) const = default;
};

struct Published {
  std::vector<Entrance> entrances = {};
  // Where access logs go, by the load balancer's ARN: a prefix for lines, see log_delivery.h. Of those that log only.
  std::map<std::string, std::string> log_streams = {};
};

}  // namespace meetinity::elbv2
