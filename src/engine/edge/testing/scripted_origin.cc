#include "engine/edge/testing/scripted_origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"

namespace meetinity::edge::testing {

ScriptedOrigin::ScriptedOrigin() { Up(); }

ScriptedOrigin::~ScriptedOrigin() {
  Down();
  for (std::thread& connection : connections_) connection.join();
}

void ScriptedOrigin::Listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port_);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  CHECK(::listen(listener_, 1'024) == 0);
  socklen_t size = sizeof at;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
}

void ScriptedOrigin::Up() {
  stopping_ = false;
  Listen();
  acceptor_ = std::thread([this] { Accept(); });
}

void ScriptedOrigin::Down() {
  if (listener_ < 0) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    changed_.notify_all();
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(std::exchange(listener_, -1));
}

void ScriptedOrigin::Accept() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    if (stopping_) ::shutdown(fd, SHUT_RDWR);
    connections_.emplace_back([this, fd] { Serve(fd); });
  }
}

void ScriptedOrigin::Serve(int fd) {
  {
    Wire wire(fd);
    while (const auto head = wire.ReadHead()) {
      Request request;
      const size_t first = head->first_line.find(' '), second = head->first_line.find(' ', first + 1);
      request.method = head->first_line.substr(0, first);
      request.target = head->first_line.substr(first + 1, second - first - 1);
      request.fields = head->fields;
      if (const auto length = FindField(head->fields, "content-length")) {
        request.body = wire.ReadBytes(std::stoul(*length));
      } else if (FindField(head->fields, "transfer-encoding")) {
        request.body = wire.ReadChunks().value_or("broken");
      }
      if (!Reply(wire, request)) break;
    }
    const std::lock_guard lock(mutex_);
    open_.remove(fd);
  }
}

// False when the connection is to end.
bool ScriptedOrigin::Reply(Wire& wire, const Request& request) {
  std::unique_lock lock(mutex_);
  requests_[request.target].push_back(request);
  changed_.notify_all();
  const auto found = answers_.find(request.target);
  Answer answer =
      found == answers_.end() ? Answer{404, {{"content-type", "text/plain"}}, "no such thing"} : found->second;
  const uint64_t before = releases_;
  const auto await_release = [&] { changed_.wait(lock, [&] { return releases_ > before || stopping_; }); };
  if (answer.delivery == Delivery::kSilent) return false;
  if (answer.delivery == Delivery::kHeld) await_release();
  const auto etag = FindField(answer.fields, "etag");
  const bool not_modified = etag && FindField(request.fields, "if-none-match") == etag;
  if (not_modified) answer.status = 304;
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Whatever\r\n";
  for (const auto& [name, value] : answer.fields) head.append(name).append(": ").append(value).append("\r\n");
  const bool has_body = !not_modified && request.method != "HEAD";
  if (answer.delivery == Delivery::kChunked) {
    head += "transfer-encoding: chunked\r\n\r\n";
    lock.unlock();
    if (!has_body) return wire.Send(head);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", answer.body.size());
    return wire.Send(head) && wire.Send(size + answer.body + "\r\n0\r\n\r\n");
  }
  if (!not_modified) head += "content-length: " + std::to_string(answer.body.size()) + "\r\n";
  head += "\r\n";
  if (!has_body) return wire.Send(head);
  const size_t half = answer.body.size() / 2;
  if (answer.delivery == Delivery::kHeldBody) {
    wire.Send(head + answer.body.substr(0, half));
    await_release();
    return wire.Send(answer.body.substr(half));
  }
  lock.unlock();
  if (answer.delivery == Delivery::kTruncated) return wire.Send(head + answer.body.substr(0, half)), false;
  return wire.Send(head + answer.body);
}

void ScriptedOrigin::Set(const std::string& target, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[target] = std::move(answer);
}

void ScriptedOrigin::Release() {
  const std::lock_guard lock(mutex_);
  ++releases_;
  changed_.notify_all();
}

int ScriptedOrigin::CountOf(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(target);
  return found == requests_.end() ? 0 : static_cast<int>(found->second.size());
}

ScriptedOrigin::Request ScriptedOrigin::LastOf(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(target);
  return found == requests_.end() ? Request{} : found->second.back();
}

void ScriptedOrigin::AwaitRequests(const std::string& target, int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return static_cast<int>(requests_[target].size()) >= count; });
}

}  // namespace meetinity::edge::testing
