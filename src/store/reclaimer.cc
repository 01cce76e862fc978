#include "store/reclaimer.h"

#include "base/log.h"

namespace meetinity::store {
namespace {

// Deletions that are ahead of the file system, at 40 bytes each: more than it punches in ten seconds.
constexpr size_t kTasksMax = 262'144;

}  // namespace

Reclaimer::Reclaimer(std::function<void(const std::shared_ptr<Pack>&)> emptied)
    : emptied_(std::move(emptied)), thread_([this] { Run(); }) {}

Reclaimer::~Reclaimer() { Stop(); }

void Reclaimer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Reclaimer::Reclaim(std::shared_ptr<Pack> pack, const PackPlace& place) { Add({std::move(pack), place}); }

void Reclaimer::Tidy(std::shared_ptr<Pack> pack) { Add({std::move(pack), std::nullopt}); }

void Reclaimer::Add(Task task) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  if (tasks_.size() >= kTasksMax) {
    if (!complained_)
      Log(LogLevel::kWarning, "store", "too many removals at once: some room stays until the next start");
    complained_ = true;
    return;
  }
  tasks_.push_back(std::move(task));
  changed_.notify_all();
}

void Reclaimer::Drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || (tasks_.empty() && !busy_); });
}

void Reclaimer::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    busy_ = true;
    lock.unlock();
    Do(task);
    task = {};
    lock.lock();
    busy_ = false;
    if (tasks_.empty()) {
      complained_ = false;
      changed_.notify_all();
    }
  }
}

void Reclaimer::Do(const Task& task) const {
  const Status done = task.record ? task.pack->Reclaim(*task.record) : task.pack->Tidy();
  if (!done.ok()) {
    Log(LogLevel::kWarning, "store", "some room stays until the next start: {}", done.error().detail);
    return;
  }
  const Result<bool> empty = task.pack->IsEmpty();
  if (empty.ok() && *empty) emptied_(task.pack);
}

}  // namespace meetinity::store
