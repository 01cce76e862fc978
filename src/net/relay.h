#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/reactor.h"
#include "net/transport.h"

namespace meetinity::net {

// Two connections made one: what comes from either goes to the other, until both have ended, one breaks, or nothing
// has moved for too long. Bulk between plain sockets moves within the kernel (splice(2)).
//
// An end of one side's stream is handed on as such, and the other direction stays open. A reset is handed on as a
// reset. What one side does not take is not read from the other.
//
// Lives and is used on its reactor's thread. Destroyed before it has ended, it closes both connections without a word.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  struct Side {
    // Connected, TLS shaken hands, watched by nobody.
    std::unique_ptr<Transport> transport;
    std::string unread;  // what was read from it already, and belongs to the other side
    std::string unsent;  // what it is to be sent before anything from the other side
  };
  enum class End : uint8_t { kOrderly, kLeftBroke, kRightBroke, kIdle, kStopped };
  struct Totals {
    uint64_t from_left = 0, from_right = 0;
  };
  // How the connections are closed.
  enum class Farewell : uint8_t { kClose, kReset };

  // `ended` is called once, not from within Start or Stop.
  static std::shared_ptr<Relay> Start(Reactor& reactor, Side left, Side right, Duration idle_timeout,
                                      std::function<void(End)> ended);
  virtual ~Relay() = default;

  virtual Totals totals() const = 0;
  virtual void Stop(Farewell farewell) = 0;
};

// Closes so that the peer sees a broken connection, not an end.
void CloseWithReset(Transport& transport);

}  // namespace meetinity::net
