#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "engine/dns/message.h"
#include "engine/dns/responder.h"
#include "engine/dns/server.h"
#include "net/reactor.h"
#include "net/socket.h"

namespace meetinity::dns {

// One reactor's part of a server. Lives on its reactor's thread.
class Server::Shard : public std::enable_shared_from_this<Shard> {
 public:
  Shard(net::Reactor& reactor, net::Socket udp, net::Socket tcp, const ServerOptions& options);
  ~Shard();

  void Start();
  void Close();
  void Adopt(const ZoneSetPtr& zones, uint64_t number);

  net::Reactor& reactor() { return reactor_; }
  const ZoneSet& zones() const { return *zones_; }
  const ServerOptions& options() const { return options_; }
  // For an answer that is handed to the kernel at once.
  std::array<char, kTcpAnswerMax + 2>& scratch() { return scratch_; }
  // Destroys it when nobody below on the stack can still be using it.
  void Remove(Connection* connection);

 private:
  // Tells the shard which of its sockets is ready.
  class Listener : public net::IoHandler {
   public:
    Listener(Shard& shard, void (Shard::*ready)()) : shard_(shard), ready_(ready) {}
    void OnReady(uint32_t) override { (shard_.*ready_)(); }

   private:
    Shard& shard_;
    void (Shard::*ready_)();
  };

  void ReceiveDatagrams();
  void Accept();
  void Again(void (Shard::*step)());

  net::Reactor& reactor_;
  net::Socket udp_, tcp_;
  const ServerOptions options_;
  Listener on_datagrams_{*this, &Shard::ReceiveDatagrams};
  Listener on_connections_{*this, &Shard::Accept};
  net::Timer accept_retry_;

  ZoneSetPtr zones_ = std::make_shared<const ZoneSet>();
  uint64_t number_ = 0;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
  std::array<char, kQueryBytesMax + 1> query_{};  // one more, to know what is too long
  std::array<char, kTcpAnswerMax + 2> scratch_{};
};

// A TCP connection: queries one after the other, each behind its length (RFC 7766). It is read only while no answer
// waits to be sent, so it holds one query and one answer at most.
class Server::Connection : public net::IoHandler, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shard& shard, net::Socket socket);
  ~Connection() override;

  void Start();
  void OnReady(uint32_t) override { Turn(); }

 private:
  enum class Progress { kMade, kBlocked, kEnded };

  void Turn();
  Progress Send();
  // Answers the query that the buffer begins with; kBlocked while it is not there as a whole.
  Progress AnswerNext();
  Progress Receive();
  void Watchdog();
  void End();

  Shard& shard_;
  net::Socket socket_;
  net::Timer idle_;
  MonotonicInstant last_progress_;
  std::array<char, kQueryBytesMax + 2> input_{};
  size_t input_size_ = 0;
  std::string output_;
  size_t sent_ = 0;
};

}  // namespace meetinity::dns
