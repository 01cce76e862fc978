#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/edge/testing/wire.h"

namespace meetinity::edge::testing {

// An origin that answers what a test tells it to, on a port of its own, and remembers what it was asked. Thread-safe.
class ScriptedOrigin {
 public:
  // How an answer reaches the edge.
  enum class Delivery {
    kWhole,
    kChunked,    // without Content-Length
    kTruncated,  // half of the announced body, then the connection closes
    kSilent,     // the connection closes without a byte
    kHeld,       // not before Release()
    kHeldBody,   // head and half of the body at once, the rest not before Release()
  };
  struct Answer {
    int status = 200;
    Fields fields;
    std::string body;
    Delivery delivery = Delivery::kWhole;
  };
  struct Request {
    std::string method, target;
    Fields fields;
    std::string body;
  };

  ScriptedOrigin();
  ~ScriptedOrigin();

  uint16_t port() const { return port_; }
  // What `target` is answered with from now on; a conditional request that names its ETag gets 304. Anything else is
  // 404.
  void Set(const std::string& target, Answer answer);
  void Release();
  // Refuses connections, and breaks those there are, until Up.
  void Down();
  void Up();

  int CountOf(const std::string& target) const;
  Request LastOf(const std::string& target) const;
  void AwaitRequests(const std::string& target, int count);  // returns once so many have arrived

 private:
  void Listen();
  void Accept();
  void Serve(int fd);
  bool Reply(Wire& wire, const Request& request);

  uint16_t port_ = 0;
  int listener_ = -1;
  std::thread acceptor_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Answer> answers_;
  std::map<std::string, std::vector<Request>> requests_;
  uint64_t releases_ = 0;
  bool stopping_ = false;
  std::list<int> open_;
  std::vector<std::thread> connections_;
};

}  // namespace meetinity::edge::testing
