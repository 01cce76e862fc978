#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::net {

class SourcePump;

// What an exchange is whatever version carries it: the rules of who may say what and when. Below it a protocol frames
// and sends; above it stands the handler.
class ServerExchange : public HttpExchange, public std::enable_shared_from_this<ServerExchange> {
 public:
  ~ServerExchange() override;

  const PeerInfo& peer() const override { return *peer_; }
  Reactor& reactor() override { return *reactor_; }
  void ReadBody(BodyReader reader) override;
  void PauseBody() override;
  void ResumeBody() override;
  void Respond(int status, std::span<const HeaderBlock* const> headers, std::span<const Slice> body) override;
  using HttpExchange::Respond;
  void RespondWithoutBody(int status, std::span<const HeaderBlock* const> headers,
                          std::optional<uint64_t> content_length) override;
  void RespondFrom(int status, std::span<const HeaderBlock* const> headers, std::unique_ptr<BodySource> source,
                   uint64_t offset, uint64_t length) override;
  void StartResponse(int status, std::span<const HeaderBlock* const> headers,
                     std::optional<uint64_t> content_length) override;
  void Write(Slice slice) override;
  void Finish() override;
  void FinishWithTrailers(const HeaderBlock& trailers) override;
  std::optional<TakenConnection> SwitchProtocols(std::span<const HeaderBlock* const>) override { return std::nullopt; }
  size_t buffered() const override { return gone_ ? 0 : Unsent(); }
  void OnDrained(std::function<void()> on_drained) override;
  void Abort() override;
  void OnGone(std::function<void()> on_gone) override;
  bool gone() const override { return gone_; }
  uint64_t bytes_sent() const override { return bytes_sent_; }

  // --- for sessions

  bool answered() const { return answer_ == Answer::kDone; }
  bool answer_begun() const { return answer_ != Answer::kNone; }
  // A handler is taking the request's body now.
  bool wants_body() const { return reader_.has_value() && !body_paused_; }
  bool body_read_begun() const { return body_begun_; }
  void DeliverBody(std::string_view bytes);
  void DeliverBodyEnd();
  void DeliverBodyError(std::string_view name, std::string detail);
  // Once Unsent has shrunk.
  void TellDrained();
  // The client or its connection is no more: nothing that follows is sent.
  void TellGone();

 protected:
  // How the answer is framed: a length, or none known; and whether bytes will follow the head.
  struct Framing {
    std::optional<uint64_t> length;
    bool has_body = false;
  };
  virtual void SendHead(int status, std::span<const HeaderBlock* const> headers, const Framing& framing) = 0;
  virtual void SendData(Slice slice) = 0;
  virtual void SendEnd() = 0;
  virtual void SendTrailers(const HeaderBlock&) {}  // SendEnd follows
  virtual void SendAbort() = 0;
  // The connection has gone elsewhere, and this exchange with it: nobody is told anything more.
  void GiveUp();
  virtual void OnBodyWanted() = 0;  // ReadBody or ResumeBody was called
  virtual size_t Unsent() const = 0;
  virtual WorkerPool& workers() = 0;

  // For exchanges that serve one request after another.
  void Begin(Reactor* reactor, const std::shared_ptr<PeerInfo>& peer);
  // Lets go of what handlers left here; their callbacks may hold this very exchange.
  void DropCallbacks();

  uint64_t bytes_sent_ = 0;

 private:
  friend class SourcePump;
  enum class Answer : uint8_t { kNone, kStarted, kDone };

  bool SendsNoBody(int status) const;
  void Complete();

  Reactor* reactor_ = nullptr;
  std::shared_ptr<const PeerInfo> peer_;
  std::optional<BodyReader> reader_;
  std::function<void()> on_gone_, on_drained_;
  std::shared_ptr<SourcePump> pump_;
  std::optional<uint64_t> length_left_;  // of a started response that announced its length
  Answer answer_ = Answer::kNone;
  bool drops_body_ = false;
  bool body_paused_ = false;
  bool body_begun_ = false;
  bool above_low_water_ = false;
  bool gone_ = false;
};

}  // namespace meetinity::net
