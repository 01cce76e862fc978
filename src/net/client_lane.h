#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "net/client_call.h"
#include "net/client_context.h"
#include "net/http_client.h"

namespace meetinity::net {

class ClientConnection;

// The connections to one endpoint, and the requests that wait for one. Kept alive by its connections, since the client
// may go while one of them is telling something.
class ClientLane final : public CallCarrier, public std::enable_shared_from_this<ClientLane> {
 public:
  ClientLane(std::shared_ptr<ClientContext> context, Endpoint endpoint);
  ~ClientLane() override;

  // Gives the call to a connection, or lets it wait. Never calls it back at once.
  void Dispatch(const std::shared_ptr<PooledCall>& call);
  // Nothing is under way, nothing waits and no connection is open.
  bool empty() const { return open_.empty() && waiting_.empty(); }
  // Drops every call without a word, and every connection.
  void Close();

  const Endpoint& endpoint() const { return endpoint_; }
  // How many requests a connection may be given before it is known what it speaks.
  size_t presumed_capacity() const;

  // --- from connections
  // What the server chose to speak: the next connection is presumed to be alike.
  void OnProtocol(HttpVersion version) { version_ = version; }
  // A connection's capacity may have changed.
  void Update(const std::shared_ptr<ClientConnection>& connection);
  void OnClosed(const std::shared_ptr<ClientConnection>& connection);

  // --- from calls that wait
  void OnCancelled(PooledCall& call) override;
  void OnResumed() override {}
  void OnBodyWritten() override {}
  size_t body_queued() const override { return 0; }

 private:
  struct Waiting {
    std::shared_ptr<PooledCall> call;
    MonotonicInstant deadline;
  };

  bool TryDispatch(const std::shared_ptr<PooledCall>& call);
  std::shared_ptr<ClientConnection> FindReady(bool fresh);
  void CloseOneIdle();
  void Serve();
  void Enqueue(const std::shared_ptr<PooledCall>& call);
  void Unlist(const std::shared_ptr<ClientConnection>& connection);
  void FailLate();
  void ArmTimer(MonotonicInstant due);

  const std::shared_ptr<ClientContext> context_;
  const Endpoint endpoint_;
  HttpVersion version_;
  std::vector<std::shared_ptr<ClientConnection>> open_;   // all of them
  std::vector<std::shared_ptr<ClientConnection>> ready_;  // could take a call; the warmest at the back
  std::deque<Waiting> waiting_;
  Timer timer_;
  MonotonicInstant timer_due_{};
  bool serving_ = false;
  bool closed_ = false;
};

}  // namespace meetinity::net
