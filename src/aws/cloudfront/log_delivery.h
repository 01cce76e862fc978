#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "aws/cloudfront_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/edge/access_log.h"
#include "store/line_delivery.h"

namespace meetinity::cloudfront {

// Where a distribution's log lines go, as the edge writes it before each of them: "<id>/<bucket>/<prefix>". What is
// under way so needs nothing else to arrive: not the distribution, nor the configuration of its time.
std::string LogStream(std::string_view distribution_id, const LoggingConfig& logging);

// The bucket that Logging.Bucket names ("name.s3.amazonaws.com", also with a region), or InvalidArgument.
Result<std::string> LogBucketOf(const LoggingConfig& logging);

// Standard access logs: from the edge's lines to gzipped objects in the logging buckets, one for each distribution's
// hour that a segment of the spool has lines of. Thread-safe.
class LogDelivery : public edge::AccessLogSink {
 public:
  // Stores one object; may block. Called by one thread at a time.
  using Put = std::function<Status(const std::string& bucket, const std::string& key, std::string_view gzip)>;

  LogDelivery(store::LineSpool& spool, const Clock& clock, Put put, store::LineDeliveryOptions options = {});

  void Append(std::string_view lines) override { lines_.Append(lines); }

  // Begins to deliver, delivers at once, forgets: see store/line_delivery.h.
  store::LineDelivery& lines() { return lines_; }

 private:
  store::LineDelivery lines_;
};

}  // namespace meetinity::cloudfront
