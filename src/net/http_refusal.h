#pragma once

#include <cstdint>
#include <string_view>

namespace meetinity::net {

// Why a request is refused before anybody is asked to answer it. Each closes an HTTP/1.1 connection: what follows
// cannot be trusted to be a request.
enum class Http1Refusal : uint8_t {
  kNone,
  kBareLineFeed,      // a line that ends without CR (RFC 9112, section 2.2)
  kRequestLine,       // not "method SP target SP version"
  kMethodTooLong,     // 501
  kConnect,           // 405, as from CloudFront and S3: no tunnels are made here
  kTarget,            // neither origin, absolute nor asterisk form
  kTargetTooLong,     // 414
  kVersion,           // 505
  kHeaderName,        // empty, not a token, or white space before the colon
  kHeaderValue,       // NUL or another control character
  kFoldedHeader,      // obs-fold
  kTooManyHeaders,    // 431
  kHeadTooLarge,      // 431
  kHost,              // missing, repeated, malformed, or at odds with an absolute target
  kContentLength,     // not a number, or repeated
  kTransferEncoding,  // not exactly "chunked", repeated, beside Content-Length, or in HTTP/1.0
  kUnknownCoding,     // 501: a transfer coding besides chunked
  kExpectation,       // 417
  kHeadTimeout,       // 408: it began, and did not end in time
};

int StatusOf(Http1Refusal refusal);
std::string_view Describe(Http1Refusal refusal);  // for the answer's body; says nothing the client did not send

}  // namespace meetinity::net
