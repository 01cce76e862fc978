#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "wire/principal.h"

namespace meetinity::wire {

class RequestObservation;

// What every handler may know of the request besides its typed input. Plain data, made once per request.
struct Call {
  std::string request_id;  // what the client is told in x-amzn-requestid or x-amz-request-id
  Instant now;
  Principal principal;
  std::string account;       // the account that is served, 123456789012 unless configured otherwise
  std::string region;        // of the endpoint; for global services too the stack's region
  std::string scope_region;  // as signed in the credential scope; empty for anonymous
  std::string source_ip;
  std::string user_agent;
  std::string host;      // Host as sent, without port
  std::string endpoint;  // "http://127.0.0.1:4566": scheme and authority as the client reached us
  bool secure_transport = false;
  bool presigned = false;
  std::string_view signature_version = "AWS4-HMAC-SHA256";  // or "AWS", as policies call version 2
  std::shared_ptr<RequestObservation> observation;          // null: nobody watches; see observer.h
};

}  // namespace meetinity::wire
