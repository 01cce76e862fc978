#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>

namespace meetinity::net {

// Bytes queued for the socket beyond which frames wait in their streams: enough to keep the socket busy, and little
// enough that a stream with a higher priority is not stuck behind it.
inline constexpr size_t kHttp2QueuedMax = 262'144;

inline constexpr size_t kHttp2FrameHeaderSize = 9;

// What nghttp2 calls; each finds its session in the user data. One set for all sessions, made once and kept until the
// process ends.
const nghttp2_session_callbacks* Http2SessionCallbacks();

// Where an answer's body comes from; the source's pointer is the Http2Exchange.
nghttp2_data_source_read_callback Http2BodyReader();

}  // namespace meetinity::net
