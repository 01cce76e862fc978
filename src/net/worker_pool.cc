#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/reactor.h"

namespace meetinity::net {

struct WorkerPool::State {
  State(int threads_max_in, size_t queue_max_in)
      : threads_max(static_cast<size_t>(threads_max_in)), queue_max(queue_max_in) {
    Start();  // at least one: without it nothing would ever run
  }

  void Start() {
    ++idle;  // it is about to wait, or to find work
    waking = true;
    threads.emplace_back([this] { Work(); });
  }

  void Work() {
    std::unique_lock lock(mutex);
    --idle;
    waking = false;
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
    if (waking) return false;
    if (idle == 0) {
      if (threads.size() < threads_max && !stopping) StartAnother();
      return false;
    }
    waking = true;
    return true;
  }

  // Where the system has no thread to give, those that run do the work.
  void StartAnother() {
    try {
      Start();
    } catch (const std::system_error&) {
      --idle;
      waking = false;
    }
  }

  const size_t threads_max;
  const size_t queue_max;
  std::mutex mutex;
  std::condition_variable ready;
  // All under mutex.
  std::deque<Task> queue;
  size_t idle = 0;      // threads that wait
  bool waking = false;  // one of them was told, and has not come yet
  bool stopping = false;
  std::vector<std::thread> threads;  // started when there is work and none waits for it
};

WorkerPool::WorkerPool(int threads, size_t queue_max) {
  CHECK(threads > 0);
  state_ = std::make_unique<State>(threads, queue_max);
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
