#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/client_call.h"
#include "net/reactor.h"

namespace meetinity::net {

// A moment that never comes: nothing is awaited.
inline constexpr MonotonicInstant kNoDeadline = MonotonicInstant::max();

// 100 and 103 come once or twice; a server that sends more of them than this would never have to answer.
inline constexpr uint8_t kInterimAnswersMax = 16;

// The protocol spoken on a client's connection. Called by its ClientConnection only.
class ClientSession {
 public:
  virtual ~ClientSession() = default;
  // Begins a request; while capacity() is above 0.
  virtual void Carry(const std::shared_ptr<PooledCall>& call) = 0;
  // How many more calls it could carry now; 0 for good once the connection is not to be used again.
  virtual size_t capacity() const = 0;
  virtual bool is_idle() const = 0;
  // Takes what has come and queues what is to be sent, as far as it gets.
  virtual void Advance() = 0;
  // Bytes left the queue; it may be empty now.
  virtual void OnWritten() = 0;
  // Fails what is late. Says when to ask again.
  virtual MonotonicInstant CheckDeadlines(MonotonicInstant now) = 0;
  // The connection goes away and its calls with it, without a word.
  virtual void AbandonCalls() = 0;
};

}  // namespace meetinity::net
