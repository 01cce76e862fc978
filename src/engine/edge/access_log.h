#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "engine/edge/byte_range.h"
#include "engine/edge/request_id.h"
#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::edge {

// Where finished lines go. Called on reactors' threads, from several at once, once a turn of their loops.
class AccessLogSink {
 public:
  virtual ~AccessLogSink() = default;
  // Whole lines, each with its '\n'. Whoever cannot keep them says so itself: no request fails for its log line.
  virtual void Append(std::string_view lines) = 0;
};

// What an access log tells of an answer's head. The view lives as long as the head that it is of.
struct SentHead {
  std::string_view content_type;
  std::optional<uint64_t> content_length;
  std::optional<ByteRange> range;  // of a 206 with one part
};

// One finished request, as the log needs it.
struct AccessRecord {
  const net::HttpExchange& exchange;
  const RequestId& id;
  std::string_view stream;       // Distribution::log_stream
  std::string_view domain_name;  // of the distribution
  bool include_cookies = false;
  Instant at;      // when the answer ended
  int status = 0;  // 0: the viewer left before any answer
  uint64_t request_bytes = 0;
  Duration time_taken{0};
  Duration time_to_first_byte{0};
  std::string_view result;           // "Hit"
  std::string_view detailed_result;  // "Hit", "ClientCommError"
  SentHead sent;
};

// The names of a line's fields, in order, as CloudFront's "#Fields:" has them.
extern const std::string_view kAccessLogFields;

// Appends `text` as CloudFront's logs write what viewers sent: bytes up to space, from 127 on, and
// <>"#%{}|\^~[]`' percent-encoded; "-" for nothing.
void AppendLogText(std::string_view text, std::string& to);

// One reactor's access log: a line a request into a buffer of its own, and the buffer to the sink once a turn of the
// loop. So a line is the sink's when the answer it tells of has just left, and no request costs a system call or a
// lock. A line is Distribution::log_stream, a tab, and the 33 fields of CloudFront's standard log, tab-separated
// (Developer Guide, page "Configure and use standard logs"). Used on its reactor's thread only.
class AccessLog {
 public:
  AccessLog(net::Reactor& reactor, AccessLogSink& sink, std::string_view location);
  ~AccessLog() { Flush(); }

  void Add(const AccessRecord& record);
  void Flush();

 private:
  std::string_view DateAndTime(Instant at);

  net::Reactor& reactor_;
  AccessLogSink& sink_;
  const std::string location_;
  std::string buffer_;
  bool flush_is_due_ = false;
  int64_t second_ = -1;  // that date_and_time_ is of
  std::string date_and_time_;
};

}  // namespace meetinity::edge
