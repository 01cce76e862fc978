#include "net/client_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "net/http1_chars.h"
#include "net/response_line.h"

namespace meetinity::net {
namespace {

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return TokenLower(c) != 0; });
}

// What stands in a request line or as an authority: anything that is neither white space nor a control character.
bool IsSolid(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsValueChar(c) && c != ' ' && c != '\t'; });
}

bool IsOurs(std::string_view name) {
  static constexpr std::string_view kOurs[] = {"host", "connection", "content-length", "transfer-encoding"};
  return std::any_of(std::begin(kOurs), std::end(kOurs),
                     [name](std::string_view ours) { return EqualsLower(name, ours); });
}

Error Refuse(std::string detail) { return Error{Kind::kInvalid, kRequestInvalid, std::move(detail)}; }

}  // namespace

Status CheckRequest(const ClientRequest& request) {
  if (!IsToken(request.method)) return Refuse("the method is no token");
  if (request.method == "CONNECT") return Refuse("no tunnels are made here");
  if (!IsSolid(request.target)) return Refuse("the target is empty, or holds white space or control characters");
  if (!IsSolid(request.authority)) return Refuse("the authority is empty, or holds white space or control characters");
  if (!request.upgrade.empty() && (!IsToken(request.upgrade) || request.streams_body || !request.body.empty())) {
    return Refuse("the protocol to upgrade to is no token, or a body stands in its way");
  }
  for (size_t i = 0; i < request.headers.size(); ++i) {
    const std::string_view name = request.headers[i].name;
    if (!IsToken(name)) return Refuse("a header field's name is no token");
    if (IsOurs(name)) return Refuse(fmt::format("the field {} is written by the client itself", name));
  }
  return {};
}

RequestFraming FramingOf(const ClientRequest& request) {
  if (request.streams_body) return {true, !request.content_length.has_value(), request.content_length};
  uint64_t length = 0;
  for (const Slice& slice : request.body) length += slice.bytes.size();
  // A method that usually comes with a body says so when there is none (RFC 9110, section 8.6).
  const bool announced = length > 0 || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  return {length > 0, false, announced ? std::optional(length) : std::nullopt};
}

void AppendHttp1Head(std::string& out, const ClientRequest& request, const RequestFraming& framing) {
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nhost: ");
  out.append(request.authority).append("\r\n").append(request.headers.http1_bytes());
  if (framing.chunked) {
    out.append("transfer-encoding: chunked\r\n");
  } else if (framing.length) {
    out.append("content-length: ");
    AppendDecimal(out, *framing.length);
    out.append("\r\n");
  }
  if (!request.upgrade.empty()) {
    out.append("connection: upgrade\r\nupgrade: ").append(request.upgrade).append("\r\n");
  } else if (request.closes_connection) {
    out.append("connection: close\r\n");
  }
  out.append("\r\n");
}

}  // namespace meetinity::net
