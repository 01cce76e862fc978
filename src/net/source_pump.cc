#include "net/source_pump.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "net/server_exchange.h"

namespace meetinity::net {

SourcePump::SourcePump(const std::shared_ptr<ServerExchange>& exchange, WorkerPool& workers, int status,
                       std::span<const HeaderBlock* const> headers, std::unique_ptr<BodySource> source, uint64_t offset,
                       uint64_t length)
    : exchange_(exchange),
      workers_(workers),
      status_(status),
      source_(std::move(source)),
      offset_(offset),
      left_to_read_(length),
      length_(length) {
  // The caller's blocks live for its call only.
  for (const HeaderBlock* block : headers) {
    for (size_t i = 0; i < block->size(); ++i) headers_.Add((*block)[i].name, (*block)[i].value);
  }
}

void SourcePump::Start() { Read(); }

void SourcePump::Read() {
  if (reading_ || ready_ || left_to_read_ == 0) return;
  const auto exchange = exchange_.lock();
  if (exchange == nullptr || exchange->gone()) return;
  reading_ = true;
  const auto size = static_cast<size_t>(std::min<uint64_t>(left_to_read_, kStreamBufferMax));
  // The exchange is alive while its answer is under way, whoever else lets go of it.
  workers_.Run([pump = shared_from_this(), exchange, source = source_, offset = offset_, size] {
    auto result = std::make_shared<Result<Slice>>(source->Read(offset, size));
    exchange->reactor().Post([pump, exchange, result] { pump->OnRead(*exchange, std::move(*result)); });
  });
}

void SourcePump::OnRead(ServerExchange& exchange, Result<Slice> result) {
  reading_ = false;
  if (exchange.gone() || exchange.answered()) return;
  if (!result.ok()) {
    Log(LogLevel::kError, "net", "a response's body cannot be read: {}", result.error().detail);
    return Fail(exchange);
  }
  if (result->bytes.empty() || result->bytes.size() > left_to_read_) {
    Log(LogLevel::kError, "net", "a response's body ends {} bytes early", left_to_read_);
    return Fail(exchange);
  }
  offset_ += result->bytes.size();
  left_to_read_ -= result->bytes.size();
  ready_ = std::move(result).value();
  Send(exchange);
}

void SourcePump::Continue() {
  if (const auto exchange = exchange_.lock()) Send(*exchange);
}

void SourcePump::Send(ServerExchange& exchange) {
  if (!ready_ || exchange.buffered() > kStreamBufferMax / 4) return;
  if (!std::exchange(head_sent_, true)) {
    const HeaderBlock* const blocks[] = {&headers_};
    exchange.StartResponse(status_, blocks, length_);
  }
  exchange.Write(*std::exchange(ready_, std::nullopt));
  if (left_to_read_ == 0) return exchange.Finish();
  Read();
}

void SourcePump::Fail(ServerExchange& exchange) {
  if (head_sent_) return exchange.Abort();
  exchange.Respond(500, HeaderBlock(), Slice());
}

}  // namespace meetinity::net
