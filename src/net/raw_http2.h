#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/raw_client.h"

namespace meetinity::net {

// For tests: HTTP/2 frame by frame, so that any of them can be wrong. Frames are named as in RFC 9113, section 6.
struct RawFrame {
  enum Type : uint8_t {
    kData,
    kHeaders,
    kPriority,
    kRstStream,
    kSettings,
    kPushPromise,
    kPing,
    kGoAway,
    kWindow,
    kContinuation
  };
  static constexpr uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4;

  uint8_t type = kData;
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload;

  std::string Bytes() const {
    std::string bytes = Number(static_cast<uint32_t>(payload.size())).substr(1);
    bytes += static_cast<char>(type);
    bytes += static_cast<char>(flags);
    return bytes + Number(stream) + payload;
  }
  // Four bytes of the payload.
  uint32_t NumberAt(size_t at) const {
    uint32_t number = 0;
    for (size_t i = at; i < at + 4 && i < payload.size(); ++i) number = number << 8 | static_cast<uint8_t>(payload[i]);
    return number;
  }
  static std::string Number(uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
  }
};

using RawFields = std::vector<std::pair<std::string, std::string>>;

// HPACK's plainest form (RFC 7541, section 6.2.2): literal, without indexing, without Huffman.
inline std::string PackFields(const RawFields& fields) {
  const auto text = [](const std::string& value) {
    std::string bytes;
    if (value.size() < 127) return bytes + static_cast<char>(value.size()) + value;
    bytes += static_cast<char>(127);
    size_t rest = value.size() - 127;
    for (; rest >= 128; rest >>= 7) bytes += static_cast<char>(rest % 128 + 128);
    return bytes + static_cast<char>(rest) + value;
  };
  std::string block;
  for (const auto& [name, value] : fields) {
    block += '\0';
    block += text(name);
    block += text(value);
  }
  return block;
}

class RawHttp2 {
 public:
  explicit RawHttp2(uint16_t port, int receive_buffer = 0) : client_(port, receive_buffer) {
    nghttp2_hd_inflate_new(&inflater_);
  }
  ~RawHttp2() { nghttp2_hd_inflate_del(inflater_); }
  RawHttp2(const RawHttp2&) = delete;
  RawHttp2& operator=(const RawHttp2&) = delete;

  RawClient& client() { return client_; }
  bool Send(const RawFrame& frame) { return client_.Send(frame.Bytes()); }

  // `settings`: pairs of id and value.
  void Begin(const std::vector<std::pair<uint16_t, uint32_t>>& settings = {}) {
    RawFrame frame{RawFrame::kSettings, 0, 0, ""};
    for (const auto& [id, value] : settings) frame.payload += RawFrame::Number(id).substr(2) + RawFrame::Number(value);
    client_.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame.Bytes() +
                 RawFrame{RawFrame::kSettings, RawFrame::kAck, 0, ""}.Bytes());
  }

  static RawFields Fields(const std::string& method = "GET", const std::string& path = "/") {
    return {{":method", method}, {":scheme", "http"}, {":authority", "a"}, {":path", path}};
  }
  static RawFrame Head(uint32_t stream, const RawFields& fields = Fields(),
                       uint8_t flags = RawFrame::kEndStream | RawFrame::kEndHeaders) {
    return {RawFrame::kHeaders, flags, stream, PackFields(fields)};
  }

  // The next frame; type 255 when the server has closed.
  RawFrame ReadFrame() {
    const std::string head = client_.ReadBytes(9);
    if (head.size() < 9) return {255, 0, 0, ""};
    const RawFrame sizes{0, 0, 0, std::string(1, '\0') + head};
    RawFrame frame{static_cast<uint8_t>(head[3]), static_cast<uint8_t>(head[4]), sizes.NumberAt(6), ""};
    frame.payload = client_.ReadBytes(sizes.NumberAt(0));
    return frame;
  }
  // The next frame of a type, whatever comes before it.
  RawFrame Await(uint8_t type) {
    for (;;) {
      RawFrame frame = ReadFrame();
      if (frame.type == type || frame.type == 255) return frame;
      if (frame.type == RawFrame::kHeaders) Unpack(frame.payload);
    }
  }

  struct Answer {
    std::string status;
    std::map<std::string, std::string> headers;
    std::string body;
    bool complete = false;
    uint32_t reset = 0;  // the error code of RST_STREAM
  };
  // Reads until the stream's answer is complete, or it was reset, or the connection has ended. Gives no window back.
  Answer ReadAnswer(uint32_t stream) {
    Answer answer;
    for (;;) {
      const RawFrame frame = ReadFrame();
      if (frame.type == 255) return answer;
      if (frame.type == RawFrame::kGoAway) goaway_ = frame;
      const auto fields = frame.type == RawFrame::kHeaders ? Unpack(frame.payload) : RawFields();
      if (frame.stream != stream) continue;
      for (const auto& [name, value] : fields) (name == ":status" ? answer.status : answer.headers[name]) = value;
      if (frame.type == RawFrame::kData) answer.body += frame.payload;
      if (frame.type == RawFrame::kRstStream) {
        answer.reset = frame.NumberAt(0);
        return answer;
      }
      const bool carries_end = frame.type == RawFrame::kData || frame.type == RawFrame::kHeaders;
      answer.complete = carries_end && (frame.flags & RawFrame::kEndStream) != 0;
      if (answer.complete) return answer;
    }
  }

  // Reads to the end of the connection; the last GOAWAY's error code, or no_goaway.
  static constexpr uint32_t kNoGoAway = 0xffffffff;
  uint32_t ReadToGoAway() {
    for (RawFrame frame = ReadFrame(); frame.type != 255; frame = ReadFrame()) {
      if (frame.type == RawFrame::kGoAway) goaway_ = frame;
    }
    return goaway_.type == RawFrame::kGoAway ? goaway_.NumberAt(4) : kNoGoAway;
  }

 private:
  RawFields Unpack(std::string_view block) {
    RawFields fields;
    auto* at = reinterpret_cast<uint8_t*>(const_cast<char*>(block.data()));
    for (size_t left = block.size();;) {
      nghttp2_nv field;
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
      EXPECT_GE(used, 0);
      if (used < 0) return fields;
      at += used;
      left -= static_cast<size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                            std::string(reinterpret_cast<char*>(field.value), field.valuelen));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
        nghttp2_hd_inflate_end_headers(inflater_);
        return fields;
      }
    }
  }

  RawClient client_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  RawFrame goaway_{255, 0, 0, ""};
};

}  // namespace meetinity::net
