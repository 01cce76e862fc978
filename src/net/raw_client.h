#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "net/socket.h"

namespace meetinity::net {

// For tests: a client that says exactly what a test wants, and waits for what comes. Nothing waits for ever.
class RawClient {
 public:
  // `receive_buffer`: the socket's, for who wants to be slow.
  explicit RawClient(uint16_t port, int receive_buffer = 0) {
    const SocketAddress server = SocketAddress::Parse("127.0.0.1", port).value();
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    EXPECT_EQ(::connect(fd_, server.native(), server.native_size()), 0);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  int fd() const { return fd_; }

  // False when the server has gone.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void EndSending() { ::shutdown(fd_, SHUT_WR); }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  enum class End : uint8_t { kOpen, kClosed, kReset, kSilent };
  End end() const { return end_; }

  // Reads once; false when nothing more comes, and then end() says why.
  bool ReadMore() {
    char buffer[65'536];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got > 0) {
      in_.append(buffer, static_cast<size_t>(got));
      return true;
    }
    end_ = got == 0 ? End::kClosed : errno == ECONNRESET ? End::kReset : End::kSilent;
    EXPECT_NE(end_, End::kSilent) << "nothing came for a long time";
    return false;
  }

  // Everything until the server closes.
  std::string ReadToEnd() {
    while (ReadMore()) continue;
    return std::exchange(in_, {});
  }

  // Exactly so many bytes; fewer when the server closed.
  std::string ReadBytes(size_t size) {
    while (in_.size() < size && ReadMore()) continue;
    std::string bytes = in_.substr(0, size);
    in_.erase(0, bytes.size());
    return bytes;
  }

  struct Answer {
    int status = 0;  // 0: none came
    std::string head;
    std::string body;
    bool complete = false;

    // The value of a header; "" without it. Names as the server writes them.
    std::string Find(std::string_view name) const {
      const size_t at = head.find("\r\n" + std::string(name) + ": ");
      if (at == std::string::npos) return "";
      const size_t begin = at + name.size() + 4;
      return head.substr(begin, head.find("\r\n", begin) - begin);
    }
  };

  // The next answer, by its own framing; `to_head`: it has no body.
  Answer ReadAnswer(bool to_head = false) {
    Answer answer;
    size_t head_end = 0;
    while ((head_end = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadMore()) return answer;
    }
    answer.head = in_.substr(0, head_end + 2);
    in_.erase(0, head_end + 4);
    answer.status = std::atoi(answer.head.substr(9, 3).c_str());
    if (to_head || answer.status < 200 || answer.status == 204 || answer.status == 304) {
      answer.complete = true;
    } else if (answer.Find("Transfer-Encoding") == "chunked") {
      ReadChunks(answer);
    } else if (const std::string length = answer.Find("Content-Length"); !length.empty()) {
      answer.body = ReadBytes(std::stoul(length));
      answer.complete = answer.body.size() == std::stoul(length);
    } else {
      answer.body = ReadToEnd();
      answer.complete = end_ == End::kClosed;
    }
    return answer;
  }

 private:
  void ReadChunks(Answer& answer) {
    for (;;) {
      size_t line_end = 0;
      while ((line_end = in_.find("\r\n")) == std::string::npos) {
        if (!ReadMore()) return;
      }
      const size_t size = std::stoul(in_.substr(0, line_end), nullptr, 16);
      in_.erase(0, line_end + 2);
      answer.body += ReadBytes(size);
      if (ReadBytes(2) != "\r\n") return;
      if (size == 0) {
        answer.complete = true;
        return;
      }
    }
  }

  int fd_ = -1;
  std::string in_;
  End end_ = End::kOpen;
};

}  // namespace meetinity::net
