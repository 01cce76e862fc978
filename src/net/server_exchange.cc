#include "net/server_exchange.h"

#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/http1_chars.h"
#include "net/source_pump.h"

namespace meetinity::net {

namespace {

// Writers are called again here: late enough to be worth waking them, early enough that the socket never runs dry.
constexpr size_t kLowWater = kStreamBufferMax / 4;

// Framing and Date have one writer; two of either would let a client and a proxy see different messages.
void CheckHeaders(std::span<const HeaderBlock* const> headers) {
  for (const HeaderBlock* block : headers) {
    for (size_t i = 0; i < block->size(); ++i) {
      const std::string_view name = (*block)[i].name;
      switch (name.size()) {
        case 4:
          CHECK(!EqualsLower(name, "date"));
          break;
        case 10:
          CHECK(!EqualsLower(name, "connection"));
          break;
        case 14:
          CHECK(!EqualsLower(name, "content-length"));
          break;
        case 17:
          CHECK(!EqualsLower(name, "transfer-encoding"));
          break;
        default:
          break;
      }
    }
  }
}

}  // namespace

ServerExchange::~ServerExchange() = default;

void ServerExchange::Begin(Reactor* reactor, const std::shared_ptr<PeerInfo>& peer) {
  reactor_ = reactor;
  if (peer_ != peer) peer_ = peer;
  length_left_.reset();
  answer_ = Answer::kNone;
  drops_body_ = body_paused_ = body_begun_ = above_low_water_ = gone_ = false;
  bytes_sent_ = 0;
}

void ServerExchange::DropCallbacks() {
  if (!reader_ && !on_gone_ && !on_drained_ && !pump_) return;
  // Destroyed after this object has let go of them all: they may own it, or call back into it.
  const auto reader = std::exchange(reader_, std::nullopt);
  const auto on_gone = std::exchange(on_gone_, nullptr);
  const auto on_drained = std::exchange(on_drained_, nullptr);
  const auto pump = std::exchange(pump_, nullptr);
}

void ServerExchange::ReadBody(BodyReader reader) {
  CHECK(!body_begun_);
  body_begun_ = true;
  if (gone_) return;
  reader_ = std::move(reader);
  OnBodyWanted();
}

void ServerExchange::PauseBody() { body_paused_ = true; }

void ServerExchange::ResumeBody() {
  if (!std::exchange(body_paused_, false) || gone_ || !reader_) return;
  OnBodyWanted();
}

void ServerExchange::DeliverBody(std::string_view bytes) {
  if (reader_ && reader_->on_data) reader_->on_data(bytes);
}

void ServerExchange::DeliverBodyEnd() {
  if (const auto reader = std::exchange(reader_, std::nullopt); reader && reader->on_end) reader->on_end();
}

void ServerExchange::DeliverBodyError(std::string_view name, std::string detail) {
  const auto reader = std::exchange(reader_, std::nullopt);
  if (reader && reader->on_error) reader->on_error(Error{Kind::kInvalid, name, std::move(detail)});
}

bool ServerExchange::SendsNoBody(int status) const {
  return status == 204 || status == 304 || request().method == "HEAD";
}

void ServerExchange::Respond(int status, std::span<const HeaderBlock* const> headers, std::span<const Slice> body) {
  CHECK(answer_ == Answer::kNone && status >= 200);
  CheckHeaders(headers);
  answer_ = Answer::kStarted;
  if (gone_) return Complete();
  uint64_t length = 0;
  for (const Slice& slice : body) length += slice.bytes.size();
  const bool has_body = length > 0 && !SendsNoBody(status);
  Framing framing{length, has_body};
  // A 304's length would be that of the 200 it stands for, which an empty body does not tell.
  if (status == 204 || (status == 304 && length == 0)) framing.length.reset();
  SendHead(status, headers, framing);
  if (has_body) {
    for (const Slice& slice : body) SendData(slice);
  }
  SendEnd();
  Complete();
}

void ServerExchange::RespondWithoutBody(int status, std::span<const HeaderBlock* const> headers,
                                        std::optional<uint64_t> content_length) {
  CHECK(answer_ == Answer::kNone && status >= 200);
  CheckHeaders(headers);
  answer_ = Answer::kStarted;
  if (gone_) return Complete();
  if (status == 204) content_length.reset();
  if (!SendsNoBody(status)) content_length = 0;
  SendHead(status, headers, Framing{content_length, false});
  SendEnd();
  Complete();
}

void ServerExchange::RespondFrom(int status, std::span<const HeaderBlock* const> headers,
                                 std::unique_ptr<BodySource> source, uint64_t offset, uint64_t length) {
  if (gone_ || length == 0 || SendsNoBody(status)) {
    if (SendsNoBody(status)) return RespondWithoutBody(status, headers, length);
    return Respond(status, headers, std::span<const Slice>());
  }
  CHECK(answer_ == Answer::kNone && status >= 200 && offset + length <= source->size());
  CheckHeaders(headers);
  pump_ =
      std::make_shared<SourcePump>(shared_from_this(), workers(), status, headers, std::move(source), offset, length);
  // Held here, too: a source that fails at once ends the exchange, and that drops the pump.
  const auto pump = pump_;
  pump->Start();
}

void ServerExchange::StartResponse(int status, std::span<const HeaderBlock* const> headers,
                                   std::optional<uint64_t> content_length) {
  CHECK(answer_ == Answer::kNone && status >= 200);
  CheckHeaders(headers);
  answer_ = Answer::kStarted;
  drops_body_ = SendsNoBody(status);
  if (drops_body_ && status == 204) content_length.reset();
  length_left_ = drops_body_ ? std::nullopt : content_length;
  if (gone_) return;
  SendHead(status, headers, Framing{content_length, !drops_body_ && content_length != 0});
}

void ServerExchange::Write(Slice slice) {
  CHECK(answer_ == Answer::kStarted || gone_);
  if (gone_ || drops_body_ || slice.bytes.empty()) return;
  if (length_left_) {
    // More than was announced would be read as the next answer.
    if (slice.bytes.size() > *length_left_) slice.bytes = slice.bytes.substr(0, static_cast<size_t>(*length_left_));
    *length_left_ -= slice.bytes.size();
    if (slice.bytes.empty()) return;
  }
  SendData(std::move(slice));
  if (Unsent() > kLowWater) above_low_water_ = true;
}

void ServerExchange::Finish() {
  CHECK(answer_ == Answer::kStarted || gone_);
  if (!gone_ && length_left_.value_or(0) > 0) return Abort();
  if (!gone_) SendEnd();
  Complete();
}

void ServerExchange::FinishWithTrailers(const HeaderBlock& trailers) {
  CHECK(answer_ == Answer::kStarted || gone_);
  if (!gone_ && !drops_body_ && length_left_.value_or(0) == 0) SendTrailers(trailers);
  Finish();
}

void ServerExchange::GiveUp() {
  answer_ = Answer::kDone;
  DropCallbacks();
}

void ServerExchange::Complete() {
  answer_ = Answer::kDone;
  on_gone_ = nullptr;
  on_drained_ = nullptr;
}

void ServerExchange::Abort() {
  if (gone_ || answer_ == Answer::kDone) return;
  answer_ = Answer::kDone;
  const auto keep = shared_from_this();
  DropCallbacks();  // who aborts need not be told
  SendAbort();
}

void ServerExchange::OnDrained(std::function<void()> on_drained) { on_drained_ = std::move(on_drained); }

void ServerExchange::TellDrained() {
  if (!above_low_water_ || gone_ || Unsent() > kLowWater) return;
  above_low_water_ = false;
  if (const auto pump = pump_) return pump->Continue();
  // A copy: the callback may finish the exchange, which drops the original.
  if (const auto on_drained = on_drained_) on_drained();
}

void ServerExchange::OnGone(std::function<void()> on_gone) {
  if (!gone_ && answer_ != Answer::kDone) on_gone_ = std::move(on_gone);
}

void ServerExchange::TellGone() {
  if (std::exchange(gone_, true)) return;
  const auto keep = shared_from_this();
  if (reader_) DeliverBodyError(kIncompleteBody, "the client closed the connection before the end of the body");
  if (const auto on_gone = std::exchange(on_gone_, nullptr)) on_gone();
  DropCallbacks();
}

}  // namespace meetinity::net
