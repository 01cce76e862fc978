#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "aws/cloudfront_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/edge/access_log.h"
#include "store/line_spool.h"

namespace meetinity::cloudfront {

// Where a distribution's log lines go, as the edge writes it before each of them: "<id>/<bucket>/<prefix>". What is
// under way so needs nothing else to arrive: not the distribution, nor the configuration of its time.
std::string LogStream(std::string_view distribution_id, const LoggingConfig& logging);

// The bucket that Logging.Bucket names ("name.s3.amazonaws.com", also with a region), or InvalidArgument.
Result<std::string> LogBucketOf(const LoggingConfig& logging);

struct LogDeliveryOptions {
  Duration interval = std::chrono::minutes(5);
  Duration sync_interval = std::chrono::seconds(1);  // what a power cut may cost
  // CloudFront delivers up to 24 hours late; what has not found its bucket by then is dropped, so that a bucket that
  // is gone does not fill the disk.
  Duration lines_kept_max = std::chrono::hours(24);
};

// Standard access logs: from the edge's lines to gzipped objects in the logging buckets.
//
// The edge's reactors append lines to the spool, where they survive the process. Every few minutes the spool's
// segment is closed and each distribution's lines of each hour in it become one object. Its name follows from the
// segment's, so a delivery that a crash interrupted writes the same objects again and never a line twice. Thread-safe.
class LogDelivery : public edge::AccessLogSink {
 public:
  // Stores one object; may block. Called by one thread at a time.
  using Put = std::function<Status(const std::string& bucket, const std::string& key, std::string_view gzip)>;

  LogDelivery(store::LineSpool& spool, const Clock& clock, Put put, LogDeliveryOptions options = {});
  ~LogDelivery() override;

  void Append(std::string_view lines) override;

  // Begins to deliver by itself, every `interval`.
  void Start();
  // Ends that, and returns once no delivery is under way.
  void Stop();
  // Delivers all that was appended before, now. What a bucket refuses stays for the next time; an error says so.
  Status Deliver();
  // Forgets what has not been delivered: the house goes back to another state.
  Status Discard();

 private:
  void Run();
  Status DeliverSegment(const store::LineSpool::Segment& segment);

  store::LineSpool& spool_;
  const Clock& clock_;
  const Put put_;
  const LogDeliveryOptions options_;

  std::mutex delivering_;              // one delivery at a time
  std::set<std::string> done_;         // objects of segments that are still there because of others of their objects
  std::atomic<bool> refusing_{false};  // lines are being lost, and that was said

  std::mutex waiting_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace meetinity::cloudfront
