#include "aws/cloudfront/log_delivery.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <tuple>

#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/edge/compressor.h"

namespace meetinity::cloudfront {
namespace {

// One object to be: where it goes, and its lines without what stood before them.
struct LogObject {
  std::string bucket, key;
  bool operator<(const LogObject& other) const { return std::tie(bucket, key) < std::tie(other.bucket, other.key); }
};

// "2024-01-01\t03:04:05…" → "2024-01-01-03".
std::optional<std::string> HourOf(std::string_view line) {
  constexpr std::string_view kForm = "dddd-dd-dd\tdd:dd:dd\t";
  if (line.size() < kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool fits = kForm[i] == 'd' ? line[i] >= '0' && line[i] <= '9' : line[i] == kForm[i];
    if (!fits) return std::nullopt;
  }
  return fmt::format("{}-{}", line.substr(0, 10), line.substr(11, 2));
}

// The object that a spooled line belongs to. A power cut may leave what the disk held before in a segment's middle:
// such lines belong nowhere.
std::optional<LogObject> ObjectOf(std::string_view stream, std::string_view line, std::string_view unique) {
  const size_t after_id = stream.find('/');
  const size_t after_bucket = after_id == std::string_view::npos ? after_id : stream.find('/', after_id + 1);
  const auto hour = HourOf(line);
  if (after_bucket == std::string_view::npos || !hour) return std::nullopt;
  std::string prefix(stream.substr(after_bucket + 1));
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  return LogObject{std::string(stream.substr(after_id + 1, after_bucket - after_id - 1)),
                   fmt::format("{}{}.{}.{}.gz", prefix, stream.substr(0, after_id), *hour, unique)};
}

// Eight hex digits, as CloudFront's own names end, from the segment's name.
std::string UniqueOf(const store::LineSpool::Segment& segment) { return HexEncode(Md5(segment.name)).substr(0, 8); }

}  // namespace

std::string LogStream(std::string_view distribution_id, const LoggingConfig& logging) {
  const Result<std::string> bucket = LogBucketOf(logging);
  // Configurations are checked before they are kept.
  return bucket.ok() ? fmt::format("{}/{}/{}", distribution_id, *bucket, logging.prefix.value_or("")) : std::string();
}

Result<std::string> LogBucketOf(const LoggingConfig& logging) {
  const std::string domain = logging.bucket.value_or("");
  std::string bucket = domain.ends_with(".amazonaws.com") ? BucketOf(domain) : std::string();
  if (bucket.empty()) {
    return Error{Kind::kInvalid, kInvalidArgument,
                 fmt::format("The parameter Logging Bucket '{}' is not a bucket's domain name; it looks like "
                             "my-logs.s3.amazonaws.com",
                             domain.substr(0, 128))};
  }
  return bucket;
}

LogDelivery::LogDelivery(store::LineSpool& spool, const Clock& clock, Put put, LogDeliveryOptions options)
    : spool_(spool), clock_(clock), put_(std::move(put)), options_(options) {}

LogDelivery::~LogDelivery() { Stop(); }

void LogDelivery::Append(std::string_view lines) {
  const Status kept = spool_.Append(lines);
  if (kept.ok()) {
    refusing_.store(false, std::memory_order_relaxed);
  } else if (!refusing_.exchange(true)) {
    Log(LogLevel::kError, "cloudfront", "access log lines are being lost: {}", kept.error().detail);
  }
}

void LogDelivery::Start() {
  thread_ = std::thread([this] { Run(); });
}

void LogDelivery::Stop() {
  {
    const std::lock_guard lock(waiting_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LogDelivery::Run() {
  MonotonicInstant due = clock_.Monotonic() + options_.interval;
  std::unique_lock lock(waiting_);
  while (!wake_.wait_for(lock, options_.sync_interval, [this] { return stopping_; })) {
    lock.unlock();
    const Status synced = spool_.Sync();
    if (!synced.ok()) Log(LogLevel::kError, "cloudfront", "access logs: {}", synced.error().detail);
    if (clock_.Monotonic() >= due) {
      const Status delivered = Deliver();
      if (!delivered.ok()) Log(LogLevel::kWarning, "cloudfront", "access logs wait: {}", delivered.error().detail);
      due = clock_.Monotonic() + options_.interval;
    }
    lock.lock();
  }
}

Status LogDelivery::Deliver() {
  const std::lock_guard lock(delivering_);
  Status all;
  for (const store::LineSpool::Segment& segment : TRY(spool_.Finish())) {
    Status delivered = DeliverSegment(segment);
    if (!delivered.ok() && clock_.Now() - segment.begun >= options_.lines_kept_max) {
      Log(LogLevel::kError, "cloudfront", "access log lines of {} are dropped, a day late: {}",
          segment.begun.ToIso8601(), delivered.error().detail);
      delivered = {};
    }
    if (delivered.ok()) {
      TRY(spool_.Remove(segment));
      std::erase_if(done_,
                    [unique = UniqueOf(segment) + ".gz"](const std::string& key) { return key.ends_with(unique); });
    } else if (all.ok()) {
      all = std::move(delivered);
    }
  }
  return all;
}

Status LogDelivery::DeliverSegment(const store::LineSpool::Segment& segment) {
  const std::string unique = UniqueOf(segment);
  const std::string lines = TRY(spool_.Read(segment));
  std::map<LogObject, std::string> objects;
  for (std::string_view rest = lines; !rest.empty();) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const auto object = ObjectOf(line.substr(0, tab), line.substr(tab + 1), unique);
    if (object) objects[*object] += line.substr(tab + 1);
  }
  Status all;
  for (const auto& [object, text] : objects) {
    const std::string name = object.bucket + "/" + object.key;
    if (done_.contains(name)) continue;
    const std::string gzip = TRY(edge::Compress(
        edge::Coding::kGzip, fmt::format("#Version: 1.0\n#Fields: {}\n{}", edge::kAccessLogFields, text)));
    Status put = put_(object.bucket, object.key, gzip);
    if (put.ok()) {
      done_.insert(name);
    } else if (all.ok()) {
      all = Error{put.error().kind, put.error().name,
                  fmt::format("s3://{}: {} {}", name, put.error().name, put.error().detail)};
    }
  }
  return all;
}

Status LogDelivery::Discard() {
  const std::lock_guard lock(delivering_);
  done_.clear();
  return spool_.Clear();
}

}  // namespace meetinity::cloudfront
