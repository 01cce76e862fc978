#pragma once

#include "base/result.h"
#include "net/http.h"
#include "wire/codec.h"

namespace meetinity::wire {

// A blob body no larger than this is read by the worker that made the answer, which saves a turn through the pool.
inline constexpr uint64_t kInlineAnswerMax = 64 * 1024;

enum class AnswerStyle { kAws, kS3, kAdmin };

// An answer as it leaves a worker: complete but for the sending.
struct Answer {
  Encoded encoded;
  AnswerStyle style = AnswerStyle::kAws;
};

// Turns a short streamed body into one in memory. On a worker.
Status InlineShortStream(Encoded& encoded);

// On the exchange's reactor. Adds the headers that every answer of its style carries beyond those of the codec.
void Send(net::HttpExchange& exchange, Answer answer);

}  // namespace meetinity::wire
