#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/balancer/balancer.h"
#include "engine/balancer/configuration.h"

namespace meetinity::elbv2 {

// What carries the load balancers' traffic, as the service sees it. Thread-safe.
class DataPlane {
 public:
  virtual ~DataPlane() = default;

  // Makes `next` what is served, unless a configuration with a greater number has been published; `adopted` is called
  // on any thread once it is what new requests and connections see. Listeners that cannot be opened are named by
  // Problems from then on, and tried again.
  virtual void Publish(balancer::ConfigurationPtr next, std::function<void()> adopted) = 0;
  virtual std::vector<balancer::ListenerProblem> Problems() const = 0;
  virtual balancer::TargetHealth HealthOf(std::string_view group_id, std::string_view target_id) const = 0;
};

}  // namespace meetinity::elbv2
