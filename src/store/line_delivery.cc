#include "store/line_delivery.h"

#include <fmt/format.h>

#include "base/log.h"

namespace meetinity::store {

LineDelivery::LineDelivery(LineSpool& spool, const Clock& clock, std::string what, Sort sort, Put put,
                           LineDeliveryOptions options)
    : spool_(spool),
      clock_(clock),
      what_(std::move(what)),
      sort_(std::move(sort)),
      put_(std::move(put)),
      options_(options) {}

LineDelivery::~LineDelivery() { Stop(); }

void LineDelivery::Append(std::string_view lines) {
  const Status kept = spool_.Append(lines);
  if (kept.ok()) {
    refusing_.store(false, std::memory_order_relaxed);
  } else if (!refusing_.exchange(true)) {
    Log(LogLevel::kError, what_, "access log lines are being lost: {}", kept.error().detail);
  }
}

void LineDelivery::Start() {
  thread_ = std::thread([this] { Run(); });
}

void LineDelivery::Stop() {
  {
    const std::lock_guard lock(waiting_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LineDelivery::Run() {
  MonotonicInstant due = clock_.Monotonic() + options_.interval;
  std::unique_lock lock(waiting_);
  while (!wake_.wait_for(lock, options_.sync_interval, [this] { return stopping_; })) {
    lock.unlock();
    const Status synced = spool_.Sync();
    if (!synced.ok()) Log(LogLevel::kError, what_, "access logs: {}", synced.error().detail);
    if (clock_.Monotonic() >= due) {
      const Status delivered = Deliver();
      if (!delivered.ok()) Log(LogLevel::kWarning, what_, "access logs wait: {}", delivered.error().detail);
      due = clock_.Monotonic() + options_.interval;
    }
    lock.lock();
  }
}

Status LineDelivery::Deliver() {
  const std::lock_guard lock(delivering_);
  Status all;
  for (const LineSpool::Segment& segment : TRY(spool_.Finish())) {
    Status delivered = DeliverSegment(segment);
    if (!delivered.ok() && clock_.Now() - segment.begun >= options_.lines_kept_max) {
      Log(LogLevel::kError, what_, "access log lines of {} are dropped, a day late: {}", segment.begun.ToIso8601(),
          delivered.error().detail);
      delivered = {};
    }
    if (delivered.ok()) {
      TRY(spool_.Remove(segment));
      done_.erase(segment.name);
    } else if (all.ok()) {
      all = std::move(delivered);
    }
  }
  return all;
}

Status LineDelivery::DeliverSegment(const LineSpool::Segment& segment) {
  const std::string lines = TRY(spool_.Read(segment));
  std::map<Place, std::string> objects;
  for (std::string_view rest = lines; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n') + 1);
    rest.remove_prefix(line.size());
    if (const auto sorted = sort_(line, segment)) objects[sorted->place] += sorted->line;
  }
  Status all;
  std::set<Place>& done = done_[segment.name];
  for (auto& [place, text] : objects) {
    if (done.contains(place)) continue;
    Status put = put_(place, std::move(text));
    if (put.ok()) {
      done.insert(place);
    } else if (all.ok()) {
      all = Error{put.error().kind, put.error().name,
                  fmt::format("s3://{}/{}: {} {}", place.bucket, place.key, put.error().name, put.error().detail)};
    }
  }
  return all;
}

Status LineDelivery::Discard() {
  const std::lock_guard lock(delivering_);
  done_.clear();
  return spool_.Clear();
}

}  // namespace meetinity::store
