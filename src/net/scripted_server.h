#pragma once

#include <gtest/gtest.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/socket.h"

namespace meetinity::net {

// For tests: a server that says exactly what a test wants, byte by byte; one script a connection, in the order they
// come.
class ScriptedServer {
 public:
  // Reads until a request's head (and `body` bytes after it) is there, then writes `answer`.
  struct Exchange {
    std::string answer;
    size_t body = 0;
    bool then_close = false;
  };
  using Script = std::vector<Exchange>;

  explicit ScriptedServer(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
    listener_ = ListenTcp(SocketAddress::Parse("127.0.0.1", 0).value(), PortSharing::kExclusive).value();
    port_ = SocketAddress::LocalOf(listener_).value().port();
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_.fd(), SHUT_RDWR);
    thread_.join();
  }

  uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  std::string requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void Serve() {
    std::vector<std::thread> threads;
    for (const Script& script : scripts_) {
      // The listener is non-blocking, as every socket of this room; here it is waited for.
      fd_set ready;
      FD_ZERO(&ready);
      FD_SET(listener_.fd(), &ready);
      ::select(listener_.fd() + 1, &ready, nullptr, nullptr, nullptr);
      const int fd = ::accept(listener_.fd(), nullptr, nullptr);
      if (fd < 0) break;
      ++connections_;
      threads.emplace_back([this, fd, &script] { Play(fd, script); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void Play(int fd, const Script& script) {
    std::string in;
    for (const Exchange& exchange : script) {
      size_t head = std::string::npos;
      while ((head = in.find("\r\n\r\n")) == std::string::npos || in.size() < head + 4 + exchange.body) {
        char buffer[4'096];
        const ssize_t got = ::recv(fd, buffer, sizeof(buffer), 0);
        if (got <= 0) {
          ::close(fd);
          return;
        }
        in.append(buffer, static_cast<size_t>(got));
      }
      {
        const std::lock_guard lock(mutex_);
        requests_ += in.substr(0, head + 4 + exchange.body);
      }
      in.erase(0, head + 4 + exchange.body);
      // The client may well have gone before the last byte: that is what some tests are about.
      (void)!::send(fd, exchange.answer.data(), exchange.answer.size(), MSG_NOSIGNAL);
      if (exchange.then_close) break;
    }
    // Unless the script closes, the client does.
    char buffer[4'096];
    if (script.empty() || !script.back().then_close) {
      while (::recv(fd, buffer, sizeof(buffer), 0) > 0) continue;
    }
    ::close(fd);
  }

  const std::vector<Script> scripts_;
  Socket listener_;
  uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::string requests_;
  std::thread thread_;
};

}  // namespace meetinity::net
