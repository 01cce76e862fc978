#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/client_call.h"
#include "net/client_request.h"

namespace meetinity::net {

class Http2ClientSession;
class SendQueue;
struct ClientContext;

// One request and its answer on an HTTP/2 connection. Owned by its session until its call is over; a paused call whose
// answer has arrived in full is carried to its end even when the connection is gone.
class Http2ClientStream final : public CallCarrier, public std::enable_shared_from_this<Http2ClientStream> {
 public:
  // `reused`: others have used the connection before.
  Http2ClientStream(Http2ClientSession& session, std::shared_ptr<PooledCall> call, const RequestFraming& framing,
                    bool reused);

  void OnCancelled(PooledCall& call) override;
  void OnResumed() override;
  void OnBodyWritten() override;
  size_t body_queued() const override { return pending_bytes_; }

  // --- for the session
  void set_id(int32_t id) { id_ = id; }
  // The stream has its number; what was written before may be sent.
  void Begin();

  void AddHeader(std::string_view name, std::string_view value);
  void FinishHeaders(bool ends_stream);
  void TakeData(std::string_view bytes);
  void TakeEnd();
  // nghttp2 gave the stream up, for its own reasons or the server's.
  void OnClosed(uint32_t error_code);
  // The server never saw the request.
  void MarkUnsent() { unsent_ = true; }
  void OnConnectionLost(std::string_view name, std::string_view what);
  void Abandon();

  // What is to be sent of the body, at most `max` bytes, and whether that is all.
  struct Portion {
    size_t size = 0;
    bool is_last = false;
    bool wait = false;  // nothing yet, and more will come
  };
  Portion NextPortion(size_t max);
  void MovePortion(size_t size, SendQueue& queue);
  void TellSent();

  // Fails if late. Says when to ask again; kNoDeadline when it failed.
  MonotonicInstant CheckDeadline(MonotonicInstant now);
  Duration response_timeout() const { return response_timeout_; }

 private:
  struct Field {
    size_t name_at, name_size, value_size;
  };

  bool TakeHead(bool ends_stream);
  void DeliverHeld();
  void QueueBody();
  void Complete();
  void Fail(std::string_view name, std::string_view what, uint32_t error_code);
  // Ends the stream's part in the call: afterwards it carries nothing. Null when that was so already.
  std::shared_ptr<PooledCall> TakeCall();
  void Extend();

  const std::shared_ptr<ClientContext> context_;
  Http2ClientSession* session_;  // null when the call is over or the connection lost
  std::shared_ptr<PooledCall> call_;
  // In place of call_ once the connection is lost: then the call owns the stream, and not both each other.
  std::weak_ptr<PooledCall> orphan_;
  const Duration response_timeout_;
  int32_t id_ = 0;
  const bool reused_;

  std::string text_;  // every name and value of the head, one behind the other
  std::vector<Field> fields_;
  size_t head_bytes_ = 0;
  uint8_t interim_answers_ = 0;
  bool any_header_ = false;
  bool has_head_ = false;

  std::string held_;  // of the body, while the call is paused; the stream's window bounds it
  HeaderBlock trailers_;
  bool body_over_ = false;  // its last byte has come
  bool unsent_ = false;

  std::deque<Slice> pending_;
  size_t pending_bytes_ = 0;
  std::optional<uint64_t> request_left_;  // of a streamed body with a length
  bool request_ended_ = false;            // nothing will be added to pending_
  bool request_sent_ = false;             // its last frame is queued
  bool waiting_ = false;                  // nghttp2 was told to wait for more
  MonotonicInstant deadline_{};
};

}  // namespace meetinity::net
