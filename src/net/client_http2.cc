#include "net/client_http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/check.h"
#include "net/client_connection.h"
#include "net/http1_chars.h"
#include "net/nghttp2_text.h"
#include "net/response_line.h"
#include "net/transport.h"

namespace meetinity::net {
namespace {

// Bytes queued for the socket beyond which frames wait in their streams: enough to keep the socket busy, and little
// enough that a small request is not stuck behind a large one.
constexpr size_t kQueuedMax = 262'144;

// What a server may send of one body before its reader takes it. A paused reader costs that much memory, and a body
// from a server 50 ms away comes with 10 MB/s.
constexpr int32_t kClientStreamWindow = 524'288;

// Above the streams' windows together with what is under way, because a paused reader must not hold up the others.
constexpr int32_t kClientConnectionWindow = 16'777'216;

// Requests at once on one connection, whatever the server allows: with each stream's window they bound the memory that
// paused readers take to 64 MiB.
constexpr size_t kStreamsMax = 128;

constexpr size_t kFrameHeaderSize = 9;

// Fields about an HTTP/1.1 connection, which have no place here (RFC 9113, section 8.2.2).
bool IsConnectionSpecific(std::string_view name, std::string_view value) {
  return EqualsLower(name, "keep-alive") || EqualsLower(name, "proxy-connection") || EqualsLower(name, "upgrade") ||
         (EqualsLower(name, "te") && value != "trailers");
}

// A request's fields as nghttp2 takes them. Views into it; stays where it was made.
struct FieldList {
  FieldList(const ClientRequest& request, const RequestFraming& framing, bool is_tls) {
    size_t names_size = 0;
    for (size_t i = 0; i < request.headers.size(); ++i) names_size += request.headers[i].name.size();
    // Views into it stay good because it never grows beyond its room.
    names.reserve(names_size);
    fields.reserve(request.headers.size() + 5);
    fields.push_back(MakeField(":method", request.method));
    fields.push_back(MakeField(":scheme", is_tls ? "https" : "http"));
    fields.push_back(MakeField(":authority", request.authority));
    fields.push_back(MakeField(":path", request.target));
    for (size_t i = 0; i < request.headers.size(); ++i) {
      const HeaderView header = request.headers[i];
      if (IsConnectionSpecific(header.name, header.value)) continue;
      const size_t at = names.size();
      for (const char c : header.name) names += TokenLower(c);
      fields.push_back(MakeField(std::string_view(names).substr(at), header.value, request.headers.is_unique(i)));
    }
    if (framing.length) {
      AppendDecimal(length, *framing.length);
      fields.push_back(MakeField("content-length", length));
    }
  }

  std::string names, length;
  std::vector<nghttp2_nv> fields;
};

}  // namespace

// What nghttp2 calls; each finds its session in the user data. A reader may have closed the connection: then nghttp2 is
// told to stop, and the session goes when the turn is over.
struct Http2ClientCallbacks {
  static Http2ClientSession& Of(void* user_data) { return *static_cast<Http2ClientSession*>(user_data); }
  static int Outcome(Http2ClientSession& session) {
    return session.connection_.is_open() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* user_data) {
    Http2ClientSession& session = Of(user_data);
    if (const auto stream = session.Find(frame->hd.stream_id)) {
      stream->AddHeader(View(name, name_size), View(value, value_size));
    }
    return Outcome(session);
  }

  // nghttp2 alone would only leave the field out.
  static int OnInvalidHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t, const uint8_t*, size_t,
                             uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    Http2ClientSession& session = Of(user_data);
    if (frame->hd.type == NGHTTP2_GOAWAY) session.draining_ = true;
    const bool ends_stream = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_HEADERS) {
      if (const auto stream = session.Find(frame->hd.stream_id)) stream->FinishHeaders(ends_stream);
    } else if (frame->hd.type == NGHTTP2_DATA && ends_stream) {
      if (const auto stream = session.Find(frame->hd.stream_id)) stream->TakeEnd();
    }
    return Outcome(session);
  }

  static int OnData(nghttp2_session* native, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user_data) {
    Http2ClientSession& session = Of(user_data);
    // The connection's window is returned at once: one paused reader must not stop the others. Its stream's is not.
    nghttp2_session_consume_connection(native, size);
    if (const auto stream = session.Find(id)) stream->TakeData(View(data, size));
    return Outcome(session);
  }

  static int OnFrameNotSent(nghttp2_session*, const nghttp2_frame* frame, int, void* user_data) {
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (const auto stream = Of(user_data).Find(frame->hd.stream_id)) stream->MarkUnsent();
    return 0;
  }

  static int OnStreamClose(nghttp2_session*, int32_t id, uint32_t error_code, void* user_data) {
    Http2ClientSession& session = Of(user_data);
    if (const auto stream = session.Find(id)) stream->OnClosed(error_code);
    return Outcome(session);
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t id, uint8_t*, size_t size, uint32_t* flags, nghttp2_data_source*,
                          void* user_data) {
    const auto stream = Of(user_data).Find(id);
    if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const auto portion = stream->NextPortion(size);
    if (portion.wait) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (portion.is_last) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(portion.size);
  }

  // The frame's header is copied, its bytes go as the slices they are.
  static int SendData(nghttp2_session*, nghttp2_frame* frame, const uint8_t* header, size_t size, nghttp2_data_source*,
                      void* user_data) {
    Http2ClientSession& session = Of(user_data);
    SendQueue& queue = session.connection_.queue();
    if (queue.size() > kQueuedMax) return NGHTTP2_ERR_WOULDBLOCK;
    const auto stream = session.Find(frame->hd.stream_id);
    if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    queue.AppendCopy(View(header, kFrameHeaderSize));
    stream->MovePortion(size, queue);
    session.progressed_.push_back(stream);
    return 0;
  }

  static nghttp2_session_callbacks* Make() {
    // One set for all sessions, made once and kept until the process ends.
    static nghttp2_session_callbacks* const kCallbacks = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
      nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, OnInvalidHeader);
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
      nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, OnFrameNotSent);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClose);
      nghttp2_session_callbacks_set_send_data_callback(callbacks, SendData);
      return callbacks;
    }();
    return kCallbacks;
  }
};

Http2ClientSession::Http2ClientSession(ClientConnection& connection)
    : connection_(connection), last_read_(connection.context().reactor.monotonic()) {
  nghttp2_option* option = nullptr;
  CHECK(nghttp2_option_new(&option) == 0);
  // Windows grow when readers take bytes, not when they arrive.
  nghttp2_option_set_no_auto_window_update(option, 1);
  CHECK(nghttp2_session_client_new2(&native_, Http2ClientCallbacks::Make(), this, option) == 0);
  nghttp2_option_del(option);
  const std::array<nghttp2_settings_entry, 3> settings = {{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(kClientStreamWindow)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(connection.context().limits.response_head_bytes)},
  }};
  nghttp2_submit_settings(native_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(native_, NGHTTP2_FLAG_NONE, 0, kClientConnectionWindow);
  idle_deadline_ = last_read_ + connection.idle_timeout();
}

Http2ClientSession::~Http2ClientSession() { nghttp2_session_del(native_); }

std::shared_ptr<Http2ClientStream> Http2ClientSession::Find(int32_t stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second;
}

size_t Http2ClientSession::capacity() const {
  if (draining_ || nghttp2_session_check_request_allowed(native_) == 0) return 0;
  const size_t allowed = nghttp2_session_get_remote_settings(native_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  const size_t max = std::min(allowed, kStreamsMax);
  return max - std::min(max, streams_.size());
}

void Http2ClientSession::Carry(const std::shared_ptr<PooledCall>& call) {
  const RequestFraming framing = FramingOf(call->request());
  const FieldList list(call->request(), framing, connection_.transport().is_tls());
  const auto stream = std::make_shared<Http2ClientStream>(*this, call, framing, connection_.was_used());
  connection_.CountUse();
  nghttp2_data_provider provider{};
  provider.read_callback = Http2ClientCallbacks::ReadBody;
  const int32_t id = nghttp2_submit_request(native_, nullptr, list.fields.data(), list.fields.size(),
                                            framing.has_body ? &provider : nullptr, nullptr);
  // Capacity says that there is a number left, so what remains is memory.
  CHECK(id > 0);
  stream->set_id(id);
  streams_.emplace(id, stream);
  stream->Begin();
  connection_.RequestTurn();
}

void Http2ClientSession::Advance() {
  for (int reads = 0; connection_.is_open() && ReadSome();) {
    if (++reads < kReadsPerTurn) continue;
    connection_.RequestTurn();
    break;
  }
  if (!connection_.is_open()) return;
  SendSome();
  if (!connection_.is_open()) return;
  const bool over = nghttp2_session_want_read(native_) == 0 && nghttp2_session_want_write(native_) == 0;
  if (streams_.empty() && (draining_ || over)) return CloseIdle();
  if (over) FailAll(kResponseInvalid, "the server broke HTTP/2's rules");
}

bool Http2ClientSession::ReadSome() {
  if (!connection_.transport().may_read()) return false;
  std::string& scratch = connection_.context().scratch;
  const IoResult read = connection_.transport().Read(scratch);
  if (read.status == IoStatus::kWouldBlock && !connection_.write_broken()) return false;
  if (read.status != IoStatus::kReady) {
    FailAll(kResponseInvalid, "the connection closed");
    return false;
  }
  last_read_ = connection_.context().reactor.monotonic();
  return Feed(std::string_view(scratch.data(), read.bytes));
}

bool Http2ClientSession::Feed(std::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(native_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (!connection_.is_open()) return false;
  if (taken >= 0) return true;
  FailAll(kResponseInvalid, nghttp2_strerror(static_cast<int>(taken)));
  return false;
}

void Http2ClientSession::SendSome() {
  while (connection_.is_open() && connection_.queued() <= kQueuedMax) {
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(native_, &bytes);
    if (!connection_.is_open() || size == 0) return;
    if (size < 0) return FailAll(kResponseInvalid, nghttp2_strerror(static_cast<int>(size)));
    connection_.queue().AppendCopy(View(bytes, static_cast<size_t>(size)));
  }
}

void Http2ClientSession::OnWritten() {
  for (const auto& stream : std::exchange(progressed_, {})) stream->TellSent();
  if (connection_.is_open() && nghttp2_session_want_write(native_) != 0) connection_.RequestTurn();
}

void Http2ClientSession::ResumeSending(int32_t stream) {
  nghttp2_session_resume_data(native_, stream);
  connection_.RequestTurn();
}

void Http2ClientSession::ResetStream(int32_t stream, uint32_t error_code) {
  nghttp2_submit_rst_stream(native_, NGHTTP2_FLAG_NONE, stream, error_code);
  connection_.RequestTurn();
}

void Http2ClientSession::ReturnWindow(int32_t stream, size_t bytes) {
  nghttp2_session_consume_stream(native_, stream, bytes);
  connection_.RequestTurn();
}

void Http2ClientSession::Forget(int32_t stream) {
  streams_.erase(stream);
  if (streams_.empty()) {
    idle_deadline_ = connection_.context().reactor.monotonic() + connection_.idle_timeout();
    connection_.WakeBy(idle_deadline_);
    if (draining_) connection_.RequestTurn();
  }
  connection_.AnnounceCapacity();
}

void Http2ClientSession::FailAll(std::string_view name, std::string_view what) {
  const auto streams = std::exchange(streams_, {});
  progressed_.clear();
  connection_.Close();
  for (const auto& [id, stream] : streams) stream->OnConnectionLost(name, what);
}

void Http2ClientSession::AbandonCalls() {
  const auto streams = std::exchange(streams_, {});
  progressed_.clear();
  for (const auto& [id, stream] : streams) stream->Abandon();
}

// With a word of farewell, as far as the socket takes it at once.
void Http2ClientSession::CloseIdle() {
  nghttp2_session_terminate_session(native_, NGHTTP2_NO_ERROR);
  SendSome();
  if (!connection_.is_open()) return;
  connection_.queue().Flush(connection_.transport());
  connection_.Close();
}

MonotonicInstant Http2ClientSession::CheckDeadlines(MonotonicInstant now) {
  if (streams_.empty()) {
    if (now < idle_deadline_) return idle_deadline_;
    CloseIdle();
    return kNoDeadline;
  }
  MonotonicInstant next = kNoDeadline;
  const auto streams = streams_;  // a copy: those that fail leave the original
  for (const auto& [id, stream] : streams) {
    const MonotonicInstant due = stream->CheckDeadline(now);
    next = std::min(next, due);
    // Not a sound since a request was sent that should have been answered: nothing new goes to a server that may be
    // gone.
    if (due == kNoDeadline && last_read_ + stream->response_timeout() <= now) draining_ = true;
  }
  return next;
}

}  // namespace meetinity::net
