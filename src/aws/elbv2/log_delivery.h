#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "aws/elbv2/attributes.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "engine/balancer/access_record.h"
#include "store/line_delivery.h"

namespace meetinity::elbv2 {

// Where a load balancer's log lines go, as it is written before each of them: "<bucket>/<prefix>\t<ARN>". What is under
// way so needs nothing else to arrive: not the load balancer, nor its attributes.
std::string LogStream(std::string_view load_balancer_arn, const Attributes& attributes);

// "<prefix>/AWSLogs/<account>/ELBAccessLogTestFile": what is written when logs are switched on (ALB user guide, "Enable
// access logs").
std::string LogTestKey(std::string_view prefix, std::string_view account);

// Access logs of application load balancers: from finished requests to gzipped objects in S3, one for each load
// balancer and segment of the spool. Thread-safe.
class LogDelivery {
 public:
  // Stores one object; may block. Called by one thread at a time.
  using Put = std::function<Status(const std::string& bucket, const std::string& key, std::string_view gzip)>;

  LogDelivery(store::LineSpool& spool, const Clock& clock, Put put, store::LineDeliveryOptions options = {});

  // Which load balancers log, and where to, by their ARNs.
  void SetStreams(std::map<std::string, std::string> streams);
  // A finished request; of no interest unless its load balancer logs. On any thread.
  void Append(const balancer::AccessRecord& record);

  // Begins to deliver, delivers at once, forgets: see store/line_delivery.h.
  store::LineDelivery& lines() { return lines_; }

 private:
  using Streams = std::map<std::string, std::string>;
  Guarded<std::shared_ptr<const Streams>> streams_{std::make_shared<const Streams>()};
  store::LineDelivery lines_;
};

}  // namespace meetinity::elbv2
