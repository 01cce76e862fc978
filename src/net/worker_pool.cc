#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/reactor.h"

namespace meetinity::net {

struct WorkerPool::State {
  explicit State(size_t queue_max_in) : queue_max(queue_max_in) {}

  void Work() {
    std::unique_lock lock(mutex);
    for (;;) {
      ready.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;  // stopping, and everything accepted is done
      Task task = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      task();
      task = nullptr;  // what it captured may be slow to destroy: not under the lock
      lock.lock();
    }
  }

  const size_t queue_max;
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<Task> queue;  // under mutex, like `stopping`
  bool stopping = false;
  std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(int threads, size_t queue_max) : state_(std::make_unique<State>(queue_max)) {
  CHECK(threads > 0);
  for (int i = 0; i < threads; ++i) state_->threads.emplace_back([state = state_.get()] { state->Work(); });
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->ready.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

bool WorkerPool::TryRun(Task task) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->queue.size() >= state_->queue_max) return false;
    state_->queue.push_back(std::move(task));
  }
  state_->ready.notify_one();
  return true;
}

void WorkerPool::Run(Task task) {
  {
    std::lock_guard lock(state_->mutex);
    state_->queue.push_back(std::move(task));
  }
  state_->ready.notify_one();
}

}  // namespace meetinity::net
