#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aws/acm/acm.h"
#include "aws/ec2/ec2.h"
#include "aws/elbv2/balancer_config.h"
#include "aws/elbv2/data_plane.h"
#include "aws/elbv2/published.h"
#include "base/guarded.h"
#include "base/result.h"
#include "engine/balancer/configuration.h"
#include "net/tls.h"
#include "store/database.h"

namespace meetinity::elbv2 {

// Everything that follows from the state as one transaction left it.
struct Publication {
  balancer::ConfigurationPtr configuration = {};
  std::map<std::string, std::string> dns_names = {};    // by the load balancer's ARN
  std::map<std::string, std::string> log_streams = {};  // the same, of those that log
  std::set<std::string> shared_listeners = {};          // whose requests come through the front door
};

// Brings what the store says to the data plane and to the front door, in the order of transactions. Thread-safe.
class Publisher {
 public:
  Publisher(ec2::Ec2& ec2, acm::Acm& acm, DataPlane& data_plane) : ec2_(ec2), acm_(acm), data_plane_(data_plane) {}

  // Where this machine listens, and what stickiness cookies are encrypted with.
  void SetSurroundings(Doorway doorway, std::string cookie_secret);
  void OnPublish(std::function<void(const Published&)> published);

  // In a transaction, so that a configuration that cannot be built refuses the change.
  Result<Publication> Build(const store::ReadTx& tx, uint64_t number) const;
  // After the commit. What is older than the last one published is dropped.
  void Publish(const Publication& next);
  // Whether the data plane serves what the transaction of that number left.
  bool HasAdopted(int64_t number) const { return adopted_.load() >= static_cast<uint64_t>(number); }

 private:
  using Context = std::shared_ptr<const net::TlsServerContext>;
  struct Basics {
    Doorway doorway;
    std::string cookie_secret;
  };
  Result<balancer::Certificate> CertificateOf(const std::string& arn) const;
  Context ContextOf(const balancer::LoadBalancer& load_balancer, const balancer::Listener& listener,
                    std::string_view host, std::map<std::string, Context>& contexts) const;
  void AddEntrances(const balancer::LoadBalancer& load_balancer, const Publication& all,
                    std::map<std::string, Entrance>& entrances, std::map<std::string, Context>& contexts) const;

  ec2::Ec2& ec2_;
  acm::Acm& acm_;
  DataPlane& data_plane_;
  Guarded<Basics> basics_;
  std::atomic<uint64_t> adopted_{0};

  std::mutex publishing_;
  uint64_t published_number_ = 0;
  std::function<void(const Published&)> published_;
  // Reading a key costs a millisecond, and a certificate rarely changes. Those of the last configuration.
  std::map<std::string, Context> contexts_ = {};
};

// The names that lead to a load balancer on shared ports, its own DNS name apart: what its certificates cover, and the
// host-header conditions of its rules that are a name, or "*." before one.
std::vector<std::string> HostsOf(const balancer::LoadBalancer& load_balancer,
                                 const std::set<std::string>& shared_listeners);

}  // namespace meetinity::elbv2
