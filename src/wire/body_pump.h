#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::wire {

// What a client may be ahead of the disk: one more write's worth waits while one is under way.
inline constexpr size_t kBodyPumpMax = 256 * 1024;

// An exchange that other threads may hold: its last reference, wherever it is dropped, lets go on the reactor's thread.
net::ExchangePtr HoldElsewhere(net::ExchangePtr exchange);

// Carries a request's body from its reactor to the worker pool, in order, a bounded buffer at a time. A worker is
// taken only while there are bytes to consume, so that slow clients cost memory and never a thread.
//
// Start is called on the reactor's thread; `consume` and `done` run on workers, never two at a time. `done` is called
// once: after the last byte, or with the first error of consume's or the network's.
class BodyPump : public std::enable_shared_from_this<BodyPump> {
 public:
  using Consume = std::function<Status(std::string_view bytes)>;
  using Done = std::function<void(Status)>;

  static void Start(net::ExchangePtr exchange, net::WorkerPool& workers, Consume consume, Done done);

 private:
  BodyPump(net::ExchangePtr exchange, net::WorkerPool& workers, Consume consume, Done done);
  void Read();
  void OnData(std::string_view bytes);
  void OnEnd(Status how);
  void Schedule();  // with the lock held
  void Work();
  void End(Status how);

  net::WorkerPool& workers_;
  Consume consume_;
  Done done_;
  std::string batch_;  // the worker's

  std::mutex mutex_;           // guards what follows
  net::ExchangePtr exchange_;  // held elsewhere; null once done
  std::string pending_;
  std::optional<Status> ended_;
  bool working_ = false;
  bool paused_ = false;
  bool done_called_ = false;
};

// Gathers a body of at most `max` bytes; `done` runs on the reactor's thread. Refuses with RequestEntityTooLarge.
void CollectBody(const net::ExchangePtr& exchange, size_t max, std::function<void(Result<std::string>)> done);

// The network's reasons in S3's words: IncompleteBody, RequestTimeout, EntityTooLarge.
Error ToBodyError(const Error& error);

}  // namespace meetinity::wire
