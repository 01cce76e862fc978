#include "cli/housekeeping.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace meetinity::cli {

Housekeeping::Housekeeping(const Clock& clock, std::vector<Chore> chores)
    : clock_(clock), chores_(std::move(chores)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Housekeeping::Run(const std::stop_token& stop) {
  std::vector<MonotonicInstant> due;
  for (const Chore& chore : chores_) due.push_back(clock_.Monotonic() + chore.every);
  while (!due.empty() && !stop.stop_requested()) {
    const size_t next = static_cast<size_t>(std::min_element(due.begin(), due.end()) - due.begin());
    std::unique_lock lock(mutex_);
    const Duration left = due[next] - clock_.Monotonic();
    if (left > Duration::zero() && wake_.wait_for(lock, stop, left, [&stop] { return stop.stop_requested(); })) return;
    lock.unlock();
    const Chore& chore = chores_[next];
    const Status done = chore.run(stop);
    if (!done.ok()) Log(LogLevel::kError, "housekeeping", "{}: {}", chore.name, done.error().detail);
    due[next] = clock_.Monotonic() + chore.every;
  }
}

}  // namespace meetinity::cli
