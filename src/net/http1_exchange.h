#pragma once

#include <memory>
#include <string_view>

#include "net/http1_parser.h"
#include "net/input_block.h"
#include "net/server_exchange.h"

namespace meetinity::net {

class Http1Session;

// One request and its answer over HTTP/1.1. Used again for the next request when no handler has kept it.
class Http1Exchange final : public ServerExchange {
 public:
  explicit Http1Exchange(Http1ParserLimits limits) : parser_(limits) {}

  const RequestHead& request() const override { return parser_.head(); }
  void CloseAfterAnswer() override;
  std::optional<TakenConnection> SwitchProtocols(std::span<const HeaderBlock* const> headers) override;

  // --- for the session
  void Attach(Http1Session& session);
  void Detach() { session_ = nullptr; }
  // After its answer; what it lent goes back, unless somebody still looks at it.
  void Recycle();
  Http1Parser& parser() { return parser_; }
  const Http1Parser& parser() const { return parser_; }
  // The head's bytes live as long as this exchange.
  bool has_block() const { return block_ != nullptr; }
  void KeepBlock(std::shared_ptr<InputBlock> block) { block_ = std::move(block); }
  std::shared_ptr<InputBlock> TakeBlock() { return std::move(block_); }
  void LoseUnsent(size_t bytes) { bytes_sent_ -= std::min<uint64_t>(bytes, bytes_sent_); }

 protected:
  void SendHead(int status, std::span<const HeaderBlock* const> headers, const Framing& framing) override;
  void SendData(Slice slice) override;
  void SendEnd() override;
  void SendAbort() override;
  void OnBodyWanted() override;
  size_t Unsent() const override;
  WorkerPool& workers() override;

 private:
  Http1Session* session_ = nullptr;
  Http1Parser parser_;
  std::shared_ptr<InputBlock> block_;
  bool chunked_ = false;
  bool ends_by_closing_ = false;  // HTTP/1.0 without a length
};

}  // namespace meetinity::net
