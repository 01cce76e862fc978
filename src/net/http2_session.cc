#include "net/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "net/http1_chars.h"
#include "net/http2_callbacks.h"
#include "net/nghttp2_text.h"
#include "net/response_line.h"
#include "net/server_shard.h"
#include "net/transport.h"

namespace meetinity::net {
namespace {

// What a client may send of a body before a handler takes it.
constexpr int32_t kStreamWindow = 262'144;
constexpr int32_t kConnectionWindow = 1'048'576;

// Streams that a client may open and reset again beyond those it lets us answer: more is an attack (CVE-2023-44487).
constexpr uint32_t kResetsMax = 200;

// Frames without effect beyond some for each request: more is an attack (CVE-2019-9513, CVE-2019-9518).
constexpr uint32_t kIdleFramesMax = 1'000;
constexpr uint32_t kIdleFramesPerRequest = 10;

// How long a client that was told of the end may go on to open streams until that news has reached it, if it does not
// say before that it has.
constexpr Duration kDrainRoundTrip = std::chrono::seconds(1);

}  // namespace

Http2Session::Http2Session(ServerConnection& connection, std::string_view first_bytes)
    : connection_(connection), shard_(connection.shard()), first_bytes_(first_bytes) {
  nghttp2_option* option = nullptr;
  CHECK(nghttp2_option_new(&option) == 0);
  // Windows grow when handlers take bytes, not when they arrive.
  nghttp2_option_set_no_auto_window_update(option, 1);
  CHECK(nghttp2_session_server_new2(&native_, Http2SessionCallbacks(), this, option) == 0);
  nghttp2_option_del(option);
  const HttpLimits& limits = shard_.limits();
  const std::array<nghttp2_settings_entry, 3> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<uint32_t>(limits.streams_per_connection)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(kStreamWindow)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits.request_head_bytes)},
  }};
  nghttp2_submit_settings(native_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(native_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
  idle_deadline_ = shard_.reactor().monotonic() + limits.idle_timeout;
  head_deadline_ = shard_.reactor().monotonic() + limits.head_timeout;
  UpdateDeadline();
}

Http2Session::~Http2Session() { nghttp2_session_del(native_); }

void Http2Session::Advance() {
  if (!first_bytes_.empty()) {
    const std::string bytes = std::exchange(first_bytes_, {});
    if (!Feed(bytes)) return;
  }
  for (int i = 0; connection_.is_serving() && ReadSome(); ++i) {
    if (i + 1 < kReadsPerTurn) continue;
    connection_.RequestAnotherTurn();
    break;
  }
  if (!connection_.is_serving()) return;
  SendSome();
  if (going_away_ && streams_.empty()) closing_ = true;
  if ((closing_ || (nghttp2_session_want_read(native_) == 0 && nghttp2_session_want_write(native_) == 0)) &&
      connection_.is_serving()) {
    // What the client sends meanwhile must not turn the last frames into a reset.
    connection_.CloseAfterFlush(ServerConnection::Farewell::kLinger);
  }
  UpdateDeadline();
}

bool Http2Session::ReadSome() {
  if (!connection_.transport().may_read()) return false;
  const std::span<char> scratch = shard_.scratch();
  const IoResult result = connection_.transport().Read(scratch);
  if (result.status == IoStatus::kWouldBlock) return false;
  if (result.status != IoStatus::kReady) {
    connection_.CloseNow();
    return false;
  }
  return Feed(std::string_view(scratch.data(), result.bytes));
}

bool Http2Session::Feed(std::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(native_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (taken >= 0) return true;
  // Not HTTP/2, or a flood: nghttp2 has given up on this connection and so do we.
  shard_.counts().parse_errors.Add();
  SendSome();
  if (connection_.is_serving()) connection_.CloseAfterFlush(ServerConnection::Farewell::kLinger);
  return false;
}

void Http2Session::SendSome() {
  bool more = true;
  while (more && connection_.is_serving()) {
    more = false;
    while (connection_.queued() <= kHttp2QueuedMax) {
      const uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(native_, &bytes);
      if (size < 0) return connection_.CloseNow();
      if (size == 0) break;
      connection_.queue().AppendCopy(View(bytes, static_cast<size_t>(size)));
    }
    // Those that made room may be given more, and that goes out, too.
    const auto progressed = std::exchange(progressed_, {});
    for (const auto& exchange : progressed) {
      const size_t before = exchange->buffered();
      exchange->TellDrained();
      more = more || exchange->buffered() > before;
    }
  }
}

void Http2Session::Dispatch(const std::shared_ptr<Http2Exchange>& exchange, bool ends_stream) {
  head_deadline_ = kNever;
  ++requests_;
  shard_.counts().requests.Add();
  const Http1Refusal refusal = exchange->FinishHead(ends_stream);
  if (refusal != Http1Refusal::kNone) {
    shard_.counts().parse_errors.Add();
    RefusalAnswer answer = AnswerTo(shard_, *connection_.peer(), HttpVersion::kHttp2, refusal);
    return exchange->Respond(answer.status, answer.headers, Slice::Own(std::move(answer.body)));
  }
  shard_.config().handler->OnRequest(exchange);
  if (requests_ >= shard_.limits().requests_per_connection || connection_.is_old()) StartDrain();
}

void Http2Session::SubmitHead(Http2Exchange& exchange, int status, std::span<const HeaderBlock* const> headers,
                              std::optional<uint64_t> length, bool has_body) {
  // Names are lower case on this version's wire; views into `names` stay good because it never grows beyond its room.
  std::string names;
  size_t names_size = 0;
  size_t count = 3;
  for (const HeaderBlock* block : headers) {
    count += block->size();
    for (size_t i = 0; i < block->size(); ++i) names_size += (*block)[i].name.size();
  }
  names.reserve(names_size);
  std::vector<nghttp2_nv> fields;
  fields.reserve(count);
  const std::string status_text = std::to_string(status);
  fields.push_back(MakeField(":status", status_text));
  fields.push_back(MakeField("date", shard_.DateValue()));
  std::string length_text;
  if (length) {
    AppendDecimal(length_text, *length);
    fields.push_back(MakeField("content-length", length_text));
  }
  size_t bytes = 0;
  for (const HeaderBlock* block : headers) {
    for (size_t i = 0; i < block->size(); ++i) {
      const HeaderView header = (*block)[i];
      const size_t at = names.size();
      for (const char c : header.name) names += (c >= 'A' && c <= 'Z') ? static_cast<char>(c | 0x20) : c;
      fields.push_back(MakeField(std::string_view(names).substr(at), header.value, block->is_unique(i)));
      bytes += header.name.size() + header.value.size();
    }
  }
  nghttp2_data_provider provider{};
  provider.source.ptr = &exchange;
  provider.read_callback = Http2BodyReader();
  const int submitted =
      nghttp2_submit_response(native_, exchange.stream(), fields.data(), fields.size(), has_body ? &provider : nullptr);
  if (submitted != 0) ResetStream(exchange.stream(), NGHTTP2_INTERNAL_ERROR);
  exchange.CountSent(kHttp2FrameHeaderSize + bytes);
  connection_.RequestTurn();
}

void Http2Session::SubmitContinue(int32_t stream) {
  const nghttp2_nv field = MakeField(":status", "100");
  nghttp2_submit_headers(native_, NGHTTP2_FLAG_NONE, stream, nullptr, &field, 1, nullptr);
  connection_.RequestTurn();
}

void Http2Session::SubmitTrailers(int32_t stream, const HeaderBlock& trailers) {
  std::string names;
  for (size_t i = 0; i < trailers.size(); ++i) {
    for (const char c : trailers[i].name) names += TokenLower(c);
  }
  std::vector<nghttp2_nv> fields;
  size_t at = 0;
  for (size_t i = 0; i < trailers.size(); ++i) {
    const HeaderView trailer = trailers[i];
    fields.push_back(MakeField(std::string_view(names).substr(at, trailer.name.size()), trailer.value));
    at += trailer.name.size();
  }
  if (nghttp2_submit_trailer(native_, stream, fields.data(), fields.size()) != 0) {
    ResetStream(stream, NGHTTP2_INTERNAL_ERROR);
  }
}

void Http2Session::ResetStream(int32_t stream, uint32_t error_code) {
  nghttp2_submit_rst_stream(native_, NGHTTP2_FLAG_NONE, stream, error_code);
  connection_.RequestTurn();
}

void Http2Session::ReturnWindow(int32_t stream, size_t bytes) {
  nghttp2_session_consume(native_, stream, bytes);
  connection_.RequestTurn();
}

void Http2Session::OnBodyProgress() { body_deadline_ = shard_.reactor().monotonic() + shard_.limits().body_timeout; }

void Http2Session::OnAnswerSent(const Http2Exchange& exchange) {
  // Nobody will read what the client still sends; the answer itself is not harmed (RFC 9113, section 8.1).
  if (!exchange.client_is_done()) ResetStream(exchange.stream(), NGHTTP2_NO_ERROR);
}

void Http2Session::CloseStream(int32_t stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  const std::shared_ptr<Http2Exchange> exchange = found->second;
  streams_.erase(found);
  if (streams_.empty()) idle_deadline_ = shard_.reactor().monotonic() + shard_.limits().idle_timeout;
  // Its part of the connection's window is for other streams again.
  nghttp2_session_consume_connection(native_, exchange->DropHeld());
  if (!exchange->sent_everything()) exchange->TellGone();
  exchange->Detach();
}

void Http2Session::CountReset() {
  if (++resets_ > kResetsMax + requests_ / 2) Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2Session::CountIdleFrame() {
  if (++idle_frames_ > kIdleFramesMax + kIdleFramesPerRequest * requests_) Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

// In two steps, so that no request that is on its way already is lost: first the news, which refuses nothing, and once
// that has arrived the end (RFC 9113, section 6.8).
void Http2Session::StartDrain() {
  if (std::exchange(draining_, true)) return;
  nghttp2_submit_shutdown_notice(native_);
  drain_deadline_ = shard_.reactor().monotonic() + kDrainRoundTrip;
  connection_.RequestTurn();
}

void Http2Session::GoAway() {
  draining_ = true;
  if (std::exchange(going_away_, true)) return;
  drain_deadline_ = kNever;
  nghttp2_submit_goaway(native_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(native_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  connection_.RequestTurn();
}

void Http2Session::Terminate(uint32_t error_code) {
  if (closing_) return;
  nghttp2_session_terminate_session(native_, error_code);
  draining_ = going_away_ = closing_ = true;
  connection_.RequestTurn();
}

// ---- time and endings

void Http2Session::OnWritten() {
  if (send_deadline_ != kNever) send_deadline_ = shard_.reactor().monotonic() + shard_.limits().write_timeout;
  if (nghttp2_session_want_write(native_) != 0) connection_.RequestTurn();
}

void Http2Session::UpdateDeadline() {
  bool awaits_body = false;
  bool has_unsent = false;
  for (const auto& [stream, exchange] : streams_) {
    awaits_body = awaits_body || exchange->awaits_body();
    has_unsent = has_unsent || exchange->has_unsent();
  }
  // With room in the queue and bytes to be sent, it is a window that is closed.
  if (!has_unsent || connection_.queued() > kHttp2QueuedMax) {
    send_deadline_ = kNever;
  } else if (send_deadline_ == kNever) {
    send_deadline_ = shard_.reactor().monotonic() + shard_.limits().write_timeout;
  }
  deadline_ = std::min({head_deadline_, send_deadline_, drain_deadline_});
  if (awaits_body) deadline_ = std::min(deadline_, body_deadline_);
  if (streams_.empty()) deadline_ = std::min(deadline_, idle_deadline_);
}

void Http2Session::OnDeadline() {
  const MonotonicInstant now = shard_.reactor().monotonic();
  if (send_deadline_ <= now) return connection_.CloseNow();
  if (head_deadline_ <= now) {
    head_deadline_ = kNever;
    Terminate(NGHTTP2_ENHANCE_YOUR_CALM);
  } else if (drain_deadline_ <= now || (streams_.empty() && idle_deadline_ <= now)) {
    idle_deadline_ = kNever;
    GoAway();
  }
  if (body_deadline_ <= now) GiveUpBodies();
  UpdateDeadline();
}

void Http2Session::GiveUpBodies() {
  body_deadline_ = kNever;
  std::vector<std::shared_ptr<Http2Exchange>> late;
  for (const auto& [stream, exchange] : streams_) {
    if (exchange->awaits_body()) late.push_back(exchange);
  }
  for (const auto& exchange : late) {
    exchange->FailBody(kBodyTimeout, "the request's body did not arrive in time");
  }
}

void Http2Session::OnClosed() {
  const auto streams = std::exchange(streams_, {});
  for (const auto& [stream, exchange] : streams) {
    exchange->TellGone();
    exchange->Detach();
  }
}

}  // namespace meetinity::net
