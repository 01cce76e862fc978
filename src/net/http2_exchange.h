#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http1_parser.h"
#include "net/server_exchange.h"

namespace meetinity::net {

class Http2Session;

// One stream: a request and its answer over HTTP/2.
class Http2Exchange final : public ServerExchange {
 public:
  Http2Exchange(Http2Session& session, int32_t stream);

  const RequestHead& request() const override { return head_; }

  // --- for the session

  // One field of the head, as HPACK gave it: valid by nghttp2's rules, pseudo-headers first.
  void AddHeader(std::string_view name, std::string_view value);
  // After the last one: makes the head of what was added, or says why it is refused, as HTTP/1.1 would.
  Http1Refusal FinishHead(bool ends_stream);

  // A part of the request's body has come, or its end.
  void TakeBody(std::string_view bytes);
  void TakeBodyEnd();
  void FailBody(std::string_view name, std::string detail);
  // Whether a handler waits for bytes that the client has not sent.
  bool awaits_body() const { return wants_body() && !body_over_; }
  // The client has nothing more to send on this stream.
  bool client_is_done() const { return client_is_done_; }
  // Of the body, and wanted by nobody any more.
  size_t DropHeld() { return std::exchange(held_, {}).size(); }
  bool has_unsent() const { return pending_bytes_ > 0; }

  // What is to be sent of the body, at most `max` bytes, and whether that is all.
  struct Portion {
    size_t size = 0;
    bool is_last = false;
    bool wait = false;  // nothing yet, and more will come
  };
  Portion NextPortion(size_t max);
  // Moves that many bytes into `queue`.
  void MovePortion(size_t size, class SendQueue& queue);
  // To follow the last portion, instead of an end.
  const HeaderBlock& trailers() const { return trailers_; }
  bool sent_everything() const { return ended_ && pending_bytes_ == 0; }

  int32_t stream() const { return stream_; }
  void CountSent(size_t bytes) { bytes_sent_ += bytes; }
  void Detach() { session_ = nullptr; }

 protected:
  void SendHead(int status, std::span<const HeaderBlock* const> headers, const Framing& framing) override;
  void SendData(Slice slice) override;
  void SendEnd() override;
  void SendTrailers(const HeaderBlock& trailers) override { trailers_ = trailers; }
  void SendAbort() override;
  void OnBodyWanted() override;
  size_t Unsent() const override { return pending_bytes_; }
  WorkerPool& workers() override;

 private:
  struct Field {
    size_t name_at, name_size, value_at, value_size;
  };
  std::string_view NameOf(const Field& field) const { return {text_.data() + field.name_at, field.name_size}; }
  std::string_view ValueOf(const Field& field) const { return {text_.data() + field.value_at, field.value_size}; }
  void JoinCookies();
  Http1Refusal Interpret(std::string_view name, std::string_view value);
  void DeliverHeld();
  void WakeSender();

  Http2Session* session_;
  const int32_t stream_;
  std::string text_;  // every name and value, one behind the other
  std::vector<Field> fields_;
  std::vector<HeaderView> headers_;
  RequestHead head_;
  size_t head_bytes_ = 0;

  std::string held_;        // of the body, while nobody wants it; the stream's window bounds it
  bool body_over_ = false;  // it ended, or was given up
  bool client_is_done_ = false;
  bool continue_owed_ = false;  // the client waits for "100 Continue" before it sends the body

  std::deque<Slice> pending_;
  size_t pending_bytes_ = 0;
  HeaderBlock trailers_;
  bool ended_ = false;    // the handler has written its last byte
  bool waiting_ = false;  // nghttp2 was told to wait for more
};

}  // namespace meetinity::net
