#include "net/http2_callbacks.h"

#include <memory>
#include <string_view>

#include "base/check.h"
#include "net/http2_session.h"
#include "net/nghttp2_text.h"
#include "net/send_queue.h"
#include "net/server_shard.h"

namespace meetinity::net {
namespace {

// Errors of the client's making that cost it a stream. Provoking them is as good as a reset (CVE-2025-8671).
bool IsClientsFault(uint32_t error_code) {
  return error_code == NGHTTP2_PROTOCOL_ERROR || error_code == NGHTTP2_FLOW_CONTROL_ERROR ||
         error_code == NGHTTP2_STREAM_CLOSED || error_code == NGHTTP2_FRAME_SIZE_ERROR;
}

// Pings are not among them: they are how some clients see that the server lives, and nghttp2 bounds the unread answers.
bool SaysNothing(const nghttp2_frame& frame) {
  const bool ends_stream = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  return frame.hd.type == NGHTTP2_SETTINGS || frame.hd.type == NGHTTP2_PRIORITY ||
         (frame.hd.type == NGHTTP2_DATA && frame.hd.length == 0 && !ends_stream);
}

}  // namespace

struct Http2Callbacks {
  static Http2Session& Of(void* user_data) { return *static_cast<Http2Session*>(user_data); }

  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Session& session = Of(user_data);
    session.streams_.emplace(frame->hd.stream_id, std::make_shared<Http2Exchange>(session, frame->hd.stream_id));
    session.head_deadline_ = session.shard_.reactor().monotonic() + session.shard_.limits().head_timeout;
    return 0;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* user_data) {
    // Trailers are checked by nghttp2 and not handed on, as in HTTP/1.1.
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Session& session = Of(user_data);
    const auto found = session.streams_.find(frame->hd.stream_id);
    if (found != session.streams_.end()) found->second->AddHeader(View(name, name_size), View(value, value_size));
    return 0;
  }

  // Left out of the request by nghttp2 unless told otherwise; HTTP/1.1 refuses such a head, too.
  static int OnInvalidHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t, const uint8_t*, size_t,
                             uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    Http2Session& session = Of(user_data);
    const bool is_ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    if (frame->hd.type == NGHTTP2_RST_STREAM) session.CountReset();
    if (SaysNothing(*frame)) session.CountIdleFrame();
    if (frame->hd.type == NGHTTP2_SETTINGS && !is_ack && session.requests_ == 0) session.head_deadline_ = kNever;
    // The only ping that is ever sent follows the news that this connection drains.
    if (frame->hd.type == NGHTTP2_PING && is_ack && session.draining_) session.GoAway();
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    const auto found = session.streams_.find(frame->hd.stream_id);
    if (found == session.streams_.end()) return 0;
    const std::shared_ptr<Http2Exchange> exchange = found->second;
    const bool ends_stream = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      session.Dispatch(exchange, ends_stream);
    } else if (ends_stream) {
      exchange->TakeBodyEnd();
    }
    return 0;
  }

  static int OnData(nghttp2_session*, uint8_t, int32_t stream, const uint8_t* data, size_t size, void* user_data) {
    Http2Session& session = Of(user_data);
    session.OnBodyProgress();
    const auto found = session.streams_.find(stream);
    if (found == session.streams_.end()) {
      nghttp2_session_consume_connection(session.native_, size);
      return 0;
    }
    const std::shared_ptr<Http2Exchange> exchange = found->second;
    exchange->TakeBody(View(data, size));
    return 0;
  }

  static int OnFrameSent(nghttp2_session* native, const nghttp2_frame* frame, void* user_data) {
    // Only now, because nghttp2 lets pings overtake: its answer tells that the news has arrived.
    if (frame->hd.type == NGHTTP2_GOAWAY && !Of(user_data).going_away_) {
      nghttp2_submit_ping(native, NGHTTP2_FLAG_NONE, nullptr);
    }
    if (frame->hd.type == NGHTTP2_RST_STREAM && IsClientsFault(frame->rst_stream.error_code)) {
      Of(user_data).CountReset();
    }
    if ((frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) ||
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
      return 0;
    }
    Http2Session& session = Of(user_data);
    const auto found = session.streams_.find(frame->hd.stream_id);
    if (found != session.streams_.end()) session.OnAnswerSent(*found->second);
    return 0;
  }

  static int OnStreamClose(nghttp2_session*, int32_t stream, uint32_t, void* user_data) {
    Of(user_data).CloseStream(stream);
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t stream, uint8_t*, size_t size, uint32_t* flags,
                          nghttp2_data_source* source, void* user_data) {
    auto* exchange = static_cast<Http2Exchange*>(source->ptr);
    const auto portion = exchange->NextPortion(size);
    if (portion.wait) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (portion.is_last) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (portion.is_last && exchange->trailers().size() > 0) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      Of(user_data).SubmitTrailers(stream, exchange->trailers());
    }
    return static_cast<ssize_t>(portion.size);
  }

  // The frame's header is copied, its bytes go as the slices they are.
  static int SendData(nghttp2_session*, nghttp2_frame*, const uint8_t* header, size_t size, nghttp2_data_source* source,
                      void* user_data) {
    Http2Session& session = Of(user_data);
    SendQueue& queue = session.connection_.queue();
    if (queue.size() > kHttp2QueuedMax) return NGHTTP2_ERR_WOULDBLOCK;
    auto* exchange = static_cast<Http2Exchange*>(source->ptr);
    queue.AppendCopy(View(header, kHttp2FrameHeaderSize));
    exchange->CountSent(kHttp2FrameHeaderSize);
    exchange->MovePortion(size, queue);
    session.send_deadline_ = kNever;
    session.progressed_.push_back(std::static_pointer_cast<Http2Exchange>(exchange->shared_from_this()));
    return 0;
  }

  static nghttp2_session_callbacks* Make() {
    // One set for all sessions, made once and kept until the process ends.
    static nghttp2_session_callbacks* const kCallbacks = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
      nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
      nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, OnInvalidHeader);
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
      nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnFrameSent);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClose);
      nghttp2_session_callbacks_set_send_data_callback(callbacks, SendData);
      return callbacks;
    }();
    return kCallbacks;
  }
};

const nghttp2_session_callbacks* Http2SessionCallbacks() { return Http2Callbacks::Make(); }

nghttp2_data_source_read_callback Http2BodyReader() { return Http2Callbacks::ReadBody; }

}  // namespace meetinity::net
