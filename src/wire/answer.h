#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "net/http.h"
#include "wire/codec.h"
#include "wire/observer.h"

namespace meetinity::wire {

// A blob body no larger than this is read by the worker that made the answer, which saves a turn through the pool.
inline constexpr uint64_t kInlineAnswerMax = 64 * 1024;

enum class AnswerStyle { kAws, kS3, kAdmin };

// An answer as it leaves a worker: complete but for the sending.
struct Answer {
  Encoded encoded;
  AnswerStyle style = AnswerStyle::kAws;
  std::string_view error;                           // the code of a refusal
  std::shared_ptr<RequestObservation> observation;  // of a streamed answer
};

// Turns a short streamed body into one in memory. On a worker.
Status InlineShortStream(Encoded& encoded);

// On the exchange's reactor. Adds the headers that every answer of its style carries beyond those of the codec.
void Send(net::HttpExchange& exchange, Answer answer);

}  // namespace meetinity::wire
