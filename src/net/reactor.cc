#include "net/reactor.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/timer_heap.h"

namespace meetinity::net {

namespace {

// Events taken from the kernel at once: enough to amortise the call, few enough that posted tasks are not kept waiting.
constexpr int kEventsPerBatch = 256;

// The longest sleep: a bound on how late a stop or a clock moved by hand is noticed without a wake-up.
constexpr Duration kSleepMax = std::chrono::minutes(1);

}  // namespace

struct Timer::Entry : TimerNode {
  Task task;
  TimerHeap* heap = nullptr;
};

struct Reactor::State {
  explicit State(const Clock& clock_in, int index_in) : clock(clock_in), index(index_in) {}
  ~State() {
    timers.Clear();
    if (epoll_fd >= 0) close(epoll_fd);
    if (wake_fd >= 0) close(wake_fd);
  }

  void Wake() const {
    const uint64_t one = 1;
    // The only failure is a counter at its maximum, and then the loop wakes anyway.
    (void)!write(wake_fd, &one, sizeof one);
  }

  void ReadClock() {
    now = clock.Now();
    monotonic = clock.Monotonic();
  }

  int SleepMilliseconds() {
    if (!deferred.empty()) return 0;
    Duration sleep = kSleepMax;
    if (const TimerNode* next = timers.top()) {
      // The loop's own time is from before the events were handled: asking again keeps the sleep short enough.
      sleep = std::clamp(Duration(next->due - clock.Monotonic()), Duration::zero(), kSleepMax);
    }
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(sleep).count());
  }

  void Dispatch(int count) {
    batch_size = count;
    for (batch_next = 0; batch_next < batch_size;) {
      const epoll_event& event = batch[static_cast<size_t>(batch_next++)];
      if (event.data.ptr == nullptr) continue;  // unwatched by an earlier handler of this batch
      if (event.data.ptr == this) {
        uint64_t ignored = 0;
        (void)!read(wake_fd, &ignored, sizeof ignored);
        continue;
      }
      static_cast<IoHandler*>(event.data.ptr)->OnReady(event.events);
    }
    batch_size = batch_next = 0;
  }

  void FireTimers() {
    // No more than there are now: one that arms another for at once must not keep the sockets waiting.
    for (size_t left = timers.size(); left > 0; --left) {
      TimerNode* node = timers.top();
      if (node == nullptr || node->due > monotonic) return;
      auto* entry = static_cast<Timer::Entry*>(node);
      timers.Remove(entry);
      // Moved out first: the task may well destroy the timer it came from.
      const Task task = std::exchange(entry->task, nullptr);
      task();
    }
  }

  void RunPosted() {
    {
      std::lock_guard lock(post_mutex);
      running.swap(posted);
    }
    for (Task& task : running) std::exchange(task, nullptr)();
    running.clear();
  }

  void RunDeferred() {
    // What these defer again waits for the next round, so that sockets are not starved.
    running_deferred.swap(deferred);
    for (Task& task : running_deferred) std::exchange(task, nullptr)();
    running_deferred.clear();
  }

  const Clock& clock;
  const int index;
  int epoll_fd = -1;
  int wake_fd = -1;
  Instant now;
  MonotonicInstant monotonic{};
  std::atomic<bool> stopping{false};
  std::atomic<std::thread::id> thread{};

  std::array<epoll_event, kEventsPerBatch> batch;
  int batch_size = 0;
  int batch_next = 0;

  TimerHeap timers;
  std::vector<Task> deferred, running_deferred;

  std::mutex post_mutex;
  std::vector<Task> posted;   // under post_mutex
  std::vector<Task> running;  // the loop's own
};

Timer::~Timer() { Cancel(); }
Timer::Timer(Timer&&) noexcept = default;
Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    Cancel();
    entry_ = std::move(other.entry_);
  }
  return *this;
}

void Timer::Cancel() {
  if (armed()) entry_->heap->Remove(entry_.get());
  entry_.reset();
}

bool Timer::armed() const { return entry_ != nullptr && entry_->heap_index != TimerNode::kNowhere; }

Reactor::Reactor() = default;
Reactor::~Reactor() = default;

Result<std::unique_ptr<Reactor>> Reactor::Open(const Clock& clock, int index) {
  std::unique_ptr<Reactor> reactor(new Reactor);
  reactor->state_ = std::make_unique<State>(clock, index);
  State& state = *reactor->state_;
  state.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (state.epoll_fd < 0) return Internal(fmt::format("epoll_create1: {}", strerror(errno)));
  state.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (state.wake_fd < 0) return Internal(fmt::format("eventfd: {}", strerror(errno)));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = &state;
  if (epoll_ctl(state.epoll_fd, EPOLL_CTL_ADD, state.wake_fd, &event) != 0) {
    return Internal(fmt::format("epoll_ctl: {}", strerror(errno)));
  }
  state.ReadClock();
  return reactor;
}

void Reactor::Run() {
  State& state = *state_;
  state.thread.store(std::this_thread::get_id());
  // sendfile(2) has no MSG_NOSIGNAL: a peer that went away must be an error there, too, and not the end of the process.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (!state.stopping.load(std::memory_order_acquire)) {
    const int count = epoll_wait(state.epoll_fd, state.batch.data(), kEventsPerBatch, state.SleepMilliseconds());
    CHECK(count >= 0 || errno == EINTR);
    state.ReadClock();
    state.Dispatch(std::max(count, 0));
    state.FireTimers();
    state.RunPosted();
    state.RunDeferred();
  }
  state.thread.store(std::thread::id{});
}

void Reactor::Stop() {
  state_->stopping.store(true, std::memory_order_release);
  state_->Wake();
}

void Reactor::Post(Task task) {
  bool first = false;
  {
    std::lock_guard lock(state_->post_mutex);
    first = state_->posted.empty();
    state_->posted.push_back(std::move(task));
  }
  if (first) state_->Wake();
}

void Reactor::Defer(Task task) { state_->deferred.push_back(std::move(task)); }

Status Reactor::Watch(int fd, IoHandler* handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = handler;
  if (epoll_ctl(state_->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
    return Internal(fmt::format("epoll_ctl: {}", strerror(errno)));
  }
  return {};
}

void Reactor::Unwatch(int fd, IoHandler* handler) {
  epoll_event ignored{};
  epoll_ctl(state_->epoll_fd, EPOLL_CTL_DEL, fd, &ignored);
  // The batch in hand may still hold an event for a handler that is about to die.
  for (int i = state_->batch_next; i < state_->batch_size; ++i) {
    epoll_event& event = state_->batch[static_cast<size_t>(i)];
    if (event.data.ptr == handler) event.data.ptr = nullptr;
  }
}

Timer Reactor::StartTimer(Duration after, Task task) {
  Timer timer;
  timer.entry_ = std::make_shared<Timer::Entry>();
  // From the true time, not the loop's: a slow handler must not make its own timer fire early.
  timer.entry_->due = state_->clock.Monotonic() + after;
  timer.entry_->task = std::move(task);
  timer.entry_->heap = &state_->timers;
  state_->timers.Push(timer.entry_.get());
  return timer;
}

int Reactor::index() const { return state_->index; }
const Clock& Reactor::clock() const { return state_->clock; }
Instant Reactor::now() const { return state_->now; }
MonotonicInstant Reactor::monotonic() const { return state_->monotonic; }
bool Reactor::OnThisThread() const { return state_->thread.load() == std::this_thread::get_id(); }

}  // namespace meetinity::net
