#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::net {

class ServerExchange;

// Carries a BodySource to an exchange: reads a buffer ahead on the worker pool while the one before is being sent. The
// head waits for the first buffer, so that a source that cannot be read at all is a clean 500. Lives on the exchange's
// reactor.
class SourcePump : public std::enable_shared_from_this<SourcePump> {
 public:
  SourcePump(const std::shared_ptr<ServerExchange>& exchange, WorkerPool& workers, int status,
             std::span<const HeaderBlock* const> headers, std::unique_ptr<BodySource> source, uint64_t offset,
             uint64_t length);
  void Start();
  // The exchange can take more.
  void Continue();

 private:
  void Read();
  void OnRead(ServerExchange& exchange, Result<Slice> result);
  void Send(ServerExchange& exchange);
  void Fail(ServerExchange& exchange);

  std::weak_ptr<ServerExchange> exchange_;
  WorkerPool& workers_;
  const int status_;
  HeaderBlock headers_;
  std::shared_ptr<BodySource> source_;
  uint64_t offset_;
  uint64_t left_to_read_;
  const uint64_t length_;
  std::optional<Slice> ready_;
  bool reading_ = false;
  bool head_sent_ = false;
};

}  // namespace meetinity::net
