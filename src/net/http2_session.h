#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http2_exchange.h"
#include "net/server_connection.h"

struct nghttp2_session;

namespace meetinity::net {

class ServerShard;

// HTTP/2 on one connection (RFC 9113). nghttp2 does the framing, HPACK and the protocol's own checks; bounds, flow
// control towards handlers and what is done with a request are here.
class Http2Session final : public ServerSession {
 public:
  // `first_bytes` are what was read before it was known that this is HTTP/2.
  Http2Session(ServerConnection& connection, std::string_view first_bytes);
  ~Http2Session() override;

  void Advance() override;
  void OnWritten() override;
  MonotonicInstant Deadline() const override { return deadline_; }
  void OnDeadline() override;
  void StartDrain() override;
  void OnClosed() override;

  // --- for exchanges
  ServerConnection& connection() { return connection_; }
  nghttp2_session* native() { return native_; }
  void SubmitHead(Http2Exchange& exchange, int status, std::span<const HeaderBlock* const> headers,
                  std::optional<uint64_t> length, bool has_body);
  void SubmitContinue(int32_t stream);
  void SubmitTrailers(int32_t stream, const HeaderBlock& trailers);
  void ResetStream(int32_t stream, uint32_t error_code);
  // A handler has taken bytes of a body: the client may send as many more.
  void ReturnWindow(int32_t stream, size_t bytes);
  void OnBodyProgress();

 private:
  friend struct Http2Callbacks;

  bool ReadSome();
  bool Feed(std::string_view bytes);
  void SendSome();
  void Dispatch(const std::shared_ptr<Http2Exchange>& exchange, bool ends_stream);
  // The answer's last frame is out; a client that still uploads is asked to stop.
  void OnAnswerSent(const Http2Exchange& exchange);
  void CloseStream(int32_t stream);
  // A stream was broken off, by the client or because of what it sent.
  void CountReset();
  void CountIdleFrame();
  // Refuses what comes from here on; the client knows then what was not touched.
  void GoAway();
  void Terminate(uint32_t error_code);
  void UpdateDeadline();
  void GiveUpBodies();

  ServerConnection& connection_;
  ServerShard& shard_;
  nghttp2_session* native_ = nullptr;
  std::string first_bytes_;
  std::unordered_map<int32_t, std::shared_ptr<Http2Exchange>> streams_;
  std::vector<std::shared_ptr<Http2Exchange>> progressed_;  // have sent some of what they held
  MonotonicInstant deadline_ = kNever;                      // the earliest of these
  MonotonicInstant idle_deadline_ = kNever;
  MonotonicInstant head_deadline_ = kNever;  // of the client's settings, or of a head that has begun
  MonotonicInstant body_deadline_ = kNever;
  MonotonicInstant send_deadline_ = kNever;   // while the client opens no window for what is to be sent
  MonotonicInstant drain_deadline_ = kNever;  // for the client to know that it drains
  uint32_t requests_ = 0;
  uint32_t resets_ = 0;
  uint32_t idle_frames_ = 0;
  bool draining_ = false;
  bool going_away_ = false;
  bool closing_ = false;
};

}  // namespace meetinity::net
