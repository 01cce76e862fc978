#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/s3/access_log_line.h"
#include "aws/s3_model.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "net/http.h"
#include "store/line_delivery.h"
#include "wire/observer.h"

// Server access logging: which buckets log, what of a request becomes a line, and which object a line goes to.
//
// A line is spooled with its stream before it: source, target, form of the key and prefix. So what is under way needs
// nothing else to arrive: not the source bucket, nor the configuration of its time.
namespace meetinity::s3 {

// As logging settings are kept.
std::string ToStoredLogging(const LoggingEnabled& logging);
Result<LoggingEnabled> FromStoredLogging(std::string_view stored);

// Where a bucket's lines go.
struct LogTarget {
  std::string bucket;
  std::string prefix;
  enum class Key { kSimple, kByEventTime, kByDeliveryTime } key = Key::kSimple;

  static LogTarget Of(const LoggingEnabled& logging);
};

// Whose logs these are, as partitioned keys name it.
struct LogHome {
  std::string account;
  std::string region;
};

// What stands before a spooled line of `source` at `time`, and the object that a spooled line belongs to.
std::string LogStream(std::string_view source, const LogTarget& target, Instant time);
std::optional<store::LineDelivery::Sorted> SortLogLine(std::string_view line, const store::LineSpool::Segment& segment,
                                                       const LogHome& home);
// The bucket whose requests the lines of an object are about.
std::string_view SourceOf(std::string_view lines);

class AccessLog;

// A request to a bucket that logs, or that copies out of one that does. Handlers say what only they know.
class AccessLogEntry : public wire::RequestObservation {
 public:
  // What a copy reads, which is a line in the source's log.
  struct Source {
    std::string bucket, key, version_id;
    LogTarget target;
    std::optional<uint64_t> object_size = {};
  };

  // Without a target only the source's line is written.
  AccessLogEntry(const AccessLog& log, std::string bucket, std::optional<LogTarget> target,
                 std::optional<Source> source, MonotonicInstant began);

  void OnReceived() override;
  void OnAnswer(const wire::AnsweredRequest& request) override;
  void OnEnd(uint64_t body_bytes_sent) override;

  void SetObjectSize(uint64_t size) { line_.object_size = size; }
  void SetSourceSize(uint64_t size) {
    if (source_) source_->object_size = size;
  }
  void RequireAcl() { line_.acl_required = true; }
  // One of several deletions: a line of its own.
  void AddDeletion(std::string key, std::string version_id, std::string_view error, int status);

  // What `call` has, where its bucket logs.
  static AccessLogEntry* Of(const wire::Call& call);

 private:
  struct Deletion {
    std::string key, version_id, error;
    int status = 0;
  };

  std::string OwnLines();
  std::string SourceLine();

  const AccessLog& log_;
  const std::optional<LogTarget> target_;
  std::optional<Source> source_;
  const MonotonicInstant began_;
  MonotonicInstant received_;
  MonotonicInstant answered_;
  AccessLogLine line_;
  std::vector<Deletion> deletions_;
};

// The buckets that log, in memory, so that requests to the others cost a look at one flag. Thread-safe, and lives
// longer than every request.
class AccessLog {
 public:
  // Takes whole lines, each with its stream; called on any thread.
  using Sink = std::function<void(std::string_view lines)>;

  AccessLog(const Clock& clock, std::string owner_id) : clock_(clock), owner_id_(std::move(owner_id)) {}

  // Before the first request.
  void SendTo(Sink sink) { sink_ = std::move(sink); }
  // From now on these buckets log, and no others.
  void Adopt(std::map<std::string, LogTarget, std::less<>> targets);
  // Null where neither the request's bucket logs nor the one that it copies from.
  std::shared_ptr<wire::RequestObservation> Begin(const net::RequestHead& head, std::string_view virtual_bucket) const;

 private:
  friend class AccessLogEntry;
  using Targets = std::map<std::string, LogTarget, std::less<>>;

  const Clock& clock_;
  const std::string owner_id_;
  Sink sink_;
  std::atomic<bool> any_{false};
  Guarded<std::shared_ptr<const Targets>> targets_;
};

}  // namespace meetinity::s3
