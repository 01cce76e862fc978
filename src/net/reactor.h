#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace meetinity::net {

using Task = std::function<void()>;

// Told that a descriptor is ready. Registered with Reactor::Watch and called on the reactor's thread.
class IoHandler {
 public:
  virtual ~IoHandler() = default;
  virtual void OnReady(uint32_t epoll_events) = 0;
};

// A timer that fires once, unless destroyed or cancelled before. Belongs to its reactor's thread.
class Timer {
 public:
  Timer() = default;
  ~Timer();
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) noexcept;
  void Cancel();
  bool armed() const;

 private:
  friend class Reactor;
  struct Entry;
  std::shared_ptr<Entry> entry_;
};

// One event loop on one thread. Everything that is registered with a reactor lives and is called on its thread alone,
// so nothing on the data path takes a lock; Post is the one door for other threads.
class Reactor {
 public:
  // `index` numbers the reactors of a process from 0, so that each can find its own share of per-reactor state.
  static Result<std::unique_ptr<Reactor>> Open(const Clock& clock, int index);
  ~Reactor();

  void Run();   // until Stop; the calling thread becomes the reactor's
  void Stop();  // thread-safe

  // Runs `task` on this reactor's thread, soon, in the order posted. Thread-safe; wakes the loop at most once a batch.
  void Post(Task task);
  // Runs `task` after the events at hand: breaks deep call chains. This thread only.
  void Defer(Task task);

  // Edge-triggered readiness of `fd`, for EPOLLIN | EPOLLOUT | EPOLLRDHUP, until Unwatch.
  Status Watch(int fd, IoHandler* handler);
  void Unwatch(int fd, IoHandler* handler);

  [[nodiscard]] Timer StartTimer(Duration after, Task task);

  int index() const;
  const Clock& clock() const;
  // The loop's time, read once an iteration: what the hot path uses instead of asking the system.
  Instant now() const;
  MonotonicInstant monotonic() const;
  bool OnThisThread() const;

 private:
  Reactor();
  struct State;
  std::unique_ptr<State> state_;
};

// Threads for work that may block: disks, SQLite, compression. At most `threads`, each started when there is first work
// for it. Bounded queue. Destroyed before the reactors that its tasks post to.
class WorkerPool {
 public:
  WorkerPool(int threads, size_t queue_max);
  ~WorkerPool();  // finishes what is queued

  // False when the queue is full: the caller answers "busy" (503) and nothing is lost silently. Thread-safe.
  [[nodiscard]] bool TryRun(Task task);
  // For work that was already accepted and must happen (a continuation): never refused. Thread-safe.
  void Run(Task task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace meetinity::net
