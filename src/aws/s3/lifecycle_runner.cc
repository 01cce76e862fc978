#include "aws/s3/lifecycle_runner.h"

#include <algorithm>

#include "aws/s3/lifecycle_pass.h"
#include "base/log.h"

namespace meetinity::s3 {
namespace {

// How long the thread waits before it looks at the clock again: the machine's time may be set while it waits.
constexpr Duration kLookAgain = std::chrono::minutes(10);

Instant NextMidnight(Instant now) { return MidnightAfter(now + Duration(1), 0).value_or(now + kDay); }

}  // namespace

LifecycleRunner::LifecycleRunner(store::Database& database, store::BlobStore& blobs, const Clock& clock)
    : database_(database), blobs_(blobs), clock_(clock), thread_([this] { Run(); }) {}

LifecycleRunner::~LifecycleRunner() {
  Stop();
  thread_.join();
}

void LifecycleRunner::Stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  asked_.notify_all();
  done_.notify_all();
}

bool LifecycleRunner::CatchUp(Duration patience) {
  std::unique_lock lock(mutex_);
  const uint64_t round = ++rounds_asked_;
  asked_.notify_all();
  return done_.wait_for(lock, patience, [&] { return stopping_ || rounds_done_ >= round; }) && !stopping_;
}

void LifecycleRunner::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const uint64_t round = rounds_asked_;
    lock.unlock();
    const Instant begun = clock_.Now();
    const bool complete = RunPass();
    lock.lock();
    rounds_done_ = round;
    done_.notify_all();
    const Instant next = complete ? NextMidnight(begun) : begun + kLookAgain;
    while (!stopping_ && rounds_asked_ == round) {
      const Duration left = next - clock_.Now();
      if (left <= Duration::zero()) break;
      asked_.wait_for(lock, std::min(left, kLookAgain));
    }
  }
}

bool LifecycleRunner::stopping() {
  std::lock_guard lock(mutex_);
  return stopping_;
}

bool LifecycleRunner::RunPass() {
  LifecyclePass pass(database_, blobs_, clock_.Now());
  Result<bool> more = true;
  while (more.ok() && *more && !stopping()) more = pass.Step();
  const LifecycleTally& tally = pass.tally();
  if (tally.total() > 0)
    Log(LogLevel::kInfo, "s3",
        "lifecycle: {} objects expired, {} noncurrent versions and {} delete markers removed, {} changes of storage "
        "class, {} uploads aborted",
        tally.expired, tally.removed, tally.markers_removed, tally.transitions, tally.uploads_aborted);
  if (!more.ok())
    Log(LogLevel::kError, "s3", "lifecycle: this pass ends early, the next one goes on: {}", more.error().detail);
  return more.ok();
}

}  // namespace meetinity::s3
