#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/client_http2_stream.h"
#include "net/client_session.h"

struct nghttp2_session;

namespace meetinity::net {

class ClientConnection;

// HTTP/2 on a client's connection (RFC 9113): many requests at once. nghttp2 does the framing, HPACK and the protocol's
// own checks; what is here is flow control towards readers, deadlines, and which requests may be sent again.
class Http2ClientSession final : public ClientSession {
 public:
  explicit Http2ClientSession(ClientConnection& connection);
  ~Http2ClientSession() override;

  void Carry(const std::shared_ptr<PooledCall>& call) override;
  size_t capacity() const override;
  bool is_idle() const override { return streams_.empty(); }
  void Advance() override;
  void OnWritten() override;
  MonotonicInstant CheckDeadlines(MonotonicInstant now) override;
  void AbandonCalls() override;

  // --- for streams
  ClientConnection& connection() { return connection_; }
  void ResumeSending(int32_t stream);
  void ResetStream(int32_t stream, uint32_t error_code);
  // A reader has taken bytes of a body: the server may send as many more.
  void ReturnWindow(int32_t stream, size_t bytes);
  // The stream's call is over. The stream may be destroyed by it.
  void Forget(int32_t stream);

 private:
  friend struct Http2ClientCallbacks;

  std::shared_ptr<Http2ClientStream> Find(int32_t stream) const;
  bool ReadSome();
  bool Feed(std::string_view bytes);
  void SendSome();
  void FailAll(std::string_view name, std::string_view what);
  void CloseIdle();

  ClientConnection& connection_;
  nghttp2_session* native_ = nullptr;
  std::unordered_map<int32_t, std::shared_ptr<Http2ClientStream>> streams_;
  std::vector<std::shared_ptr<Http2ClientStream>> progressed_;  // have sent some of what they held
  MonotonicInstant idle_deadline_;
  MonotonicInstant last_read_;
  bool draining_ = false;  // no further requests: the server said so, or does not seem to be there
};

}  // namespace meetinity::net
