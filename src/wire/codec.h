#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/uri.h"
#include "net/http.h"
#include "wire/body.h"
#include "wire/shape.h"

// One request of one service, between bytes and typed structs:
//
//   DetectProtocol → FindRoute → DecodeInput → (handler) → EncodeOutput, or EncodeError at any step.
//
// All of it is pure: no I/O, no clock, no state; safe from any thread.
namespace meetinity::wire {

// Everything of the request that codecs look at. The views outlive the call.
struct ProtocolRequest {
  std::string_view method;
  std::string_view path;   // as sent, without the query
  std::string_view query;  // as sent, without '?'
  std::span<const net::HeaderView> headers;
  std::string_view body;            // empty for an operation that streams its input
  std::string_view virtual_bucket;  // S3: the bucket that Host named; empty for path style

  std::optional<std::string_view> Find(std::string_view lower_case_header) const;
};

// Which operation a request means, with the parts of its address already decoded.
struct Route {
  Protocol protocol = Protocol::kQuery;
  const OperationShape* operation = nullptr;                     // served: it has input and output shapes
  std::vector<std::pair<std::string_view, std::string>> labels;  // REST: by label name
  std::vector<QueryParameter> parameters;  // REST: the query; query and ec2: query and form, sorted by name
};

// How the request speaks, of the protocols the service has; its preferred one when nothing tells. Never fails, because
// a refusal needs a protocol too.
Protocol DetectProtocol(const ServiceShape& service, const ProtocolRequest& request);

// Refuses what the model does not have with that protocol's own error, and what the model has and nobody serves with
// an error that names the operation. For REST this needs no body, so a streamed upload can be routed by its head.
Result<Route> FindRoute(const ServiceShape& service, Protocol protocol, const ProtocolRequest& request);

// Fills `input` (a default-made <Operation>Input) and checks it against the model's constraints. The member of a
// streamed body stays empty; see StreamedInput.
Status DecodeInput(const ServiceShape& service, const Route& route, const ProtocolRequest& request, void* input);

// Where the staged body belongs; null when the operation has none.
StagedBodyPtr* StreamedInput(const OperationShape& operation, void* input);

struct Encoded {
  int status = 200;
  net::HeaderBlock headers;  // without Content-Length and Date, which are the server's
  std::string body;
  std::optional<StreamedBody> stream;  // instead of body
  // Announced though it is not sent: HeadObject's.
  std::optional<uint64_t> content_length;
};

struct ResponseIds {
  std::string_view request_id;
  std::string_view host_id;   // S3's x-amz-id-2
  std::string_view resource;  // S3's <Resource>: the path as sent
  bool is_head = false;       // no body, whatever happens
};

// `output` is an <Operation>Output; its streamed body is moved out.
Encoded EncodeOutput(const ServiceShape& service, Protocol protocol, const OperationShape& operation, void* output,
                     const ResponseIds& ids);

// Code and status come from the service's error table by Error::name, else from its Kind. Of a kInternal error only
// the fact is told. Error::fields become elements (XML) or members (JSON) beside code and message, except that a field
// whose name starts with a lower-case letter is a header ("x-amz-delete-marker", "etag", "allow").
Encoded EncodeError(const ServiceShape& service, Protocol protocol, const Error& error, const ResponseIds& ids);

}  // namespace meetinity::wire
