#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/http.h"
#include "wire/call.h"
#include "wire/shape.h"

namespace meetinity::wire {

// Where a request carried its signature, whether or not that was a good one.
enum class SignedIn { kNothing, kHeader, kQuery, kForm };

// A request and how it is answered, for whoever observes it. All of it lives for the call only.
struct AnsweredRequest {
  const net::RequestHead& head;
  const net::PeerInfo& peer;
  const Call& call;
  std::string_view host_id;                                          // S3's x-amz-id-2
  const OperationShape* operation;                                   // null: none was found
  std::span<const std::pair<std::string_view, std::string>> labels;  // of the operation's address
  SignedIn signed_in;
  int status;
  std::string_view error;  // its code; empty for none
};

// One request that a service watches from its head to the last byte of its answer, refused ones too. A service's
// handlers find it in their Call, and may tell it what nobody else knows.
//
// The calls come one after the other, on the reactor's thread or a worker's.
class RequestObservation {
 public:
  virtual ~RequestObservation() = default;
  // The body is here, and the handler is about to run. Not called for what is refused before.
  virtual void OnReceived() = 0;
  // What will be answered. Once, before anything of it leaves.
  virtual void OnAnswer(const AnsweredRequest& request) = 0;
  // Once, after OnAnswer. For an answer in memory before it leaves, so that what is noted here is noted whatever the
  // client gets to see; for a streamed one after its last byte, or when the client has gone.
  virtual void OnEnd(uint64_t body_bytes_sent) = 0;
};

}  // namespace meetinity::wire
