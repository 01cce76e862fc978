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
      while (queue.empty() && !stopping) {
        ++idle;
        ready.wait(lock);
        --idle;
        waking = false;
      }
      if (queue.empty()) return;  // stopping, and everything accepted is done
      Task task = std::move(queue.front());
      queue.pop_front();
      const bool wakes = !queue.empty() && TakeWake();
      lock.unlock();
      if (wakes) ready.notify_one();
      task();
      task = nullptr;  // what it captured may be slow to destroy: not under the lock
      lock.lock();
    }
  }

  void Add(std::unique_lock<std::mutex>& lock, Task task) {
    queue.push_back(std::move(task));
    const bool wakes = TakeWake();
    lock.unlock();
    if (wakes) ready.notify_one();
  }

  // Whether to wake a thread now. One is on its way at most, and wakes the next if there is still work for it: where
  // tasks are short and cores busy, threads that run already are done with the queue before many could start, and
  // every wake spared is two system calls and a switch.
  bool TakeWake() {
    if (waking || idle == 0) return false;
    waking = true;
    return true;
  }

  const size_t queue_max;
  std::mutex mutex;
  std::condition_variable ready;
  // All under mutex.
  std::deque<Task> queue;
  size_t idle = 0;      // threads that wait
  bool waking = false;  // one of them was told, and has not come yet
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
  std::unique_lock lock(state_->mutex);
  if (state_->queue.size() >= state_->queue_max) return false;
  state_->Add(lock, std::move(task));
  return true;
}

void WorkerPool::Run(Task task) {
  std::unique_lock lock(state_->mutex);
  state_->Add(lock, std::move(task));
}

}  // namespace meetinity::net
