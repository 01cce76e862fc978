#include "engine/balancer/desync.h"

#include <string>

namespace meetinity::balancer {
namespace {

// Whether a name is one of the framing headers' in disguise: the same letters with other separators.
bool LooksLikeFraming(std::string_view name) {
  const auto same_letters = [name](std::string_view target) {
    if (name == target || name.size() != target.size()) return false;
    for (size_t i = 0; i < name.size(); ++i) {
      if (name[i] != target[i] && !(target[i] == '-' && name[i] == '_')) return false;
    }
    return true;
  };
  return same_letters("content-length") || same_letters("transfer-encoding");
}

bool IsRead(std::string_view method) { return method == "GET" || method == "HEAD"; }

}  // namespace

Classification Classify(const net::RequestHead& request) {
  if ((request.oddities & net::kLengthBesideCoding) != 0) return {DesyncTier::kAmbiguous, "BothTeClPresent"};
  if ((request.oddities & net::kLengthRepeated) != 0) return {DesyncTier::kAmbiguous, "DuplicateContentLength"};
  if ((request.oddities & net::kCodingInHttp10) != 0) {
    return {DesyncTier::kAmbiguous, "UndefinedTransferEncodingSemantics"};
  }
  for (const net::HeaderView& header : request.headers) {
    if (LooksLikeFraming(header.name)) return {DesyncTier::kAmbiguous, "SuspiciousHeader"};
  }
  // An HTTP/2 stream has an end of its own.
  if (IsRead(request.method) && request.version != net::HttpVersion::kHttp2) {
    if (request.content_length.value_or(0) > 0) return {DesyncTier::kAmbiguous, "UndefinedContentLengthSemantics"};
    if (request.has_body) return {DesyncTier::kAmbiguous, "UndefinedTransferEncodingSemantics"};
    if (request.content_length) return {DesyncTier::kAcceptable, "GetHeadZeroContentLength"};
  }
  if ((request.oddities & net::kUnknownMinorVersion) != 0) return {DesyncTier::kAcceptable, "NonCompliantVersion"};
  return {};
}

Classification Classify(net::Http1Refusal refusal) {
  using net::Http1Refusal;
  switch (refusal) {
    case Http1Refusal::kBareLineFeed:
    case Http1Refusal::kHeaderName:
    case Http1Refusal::kHeaderValue:
    case Http1Refusal::kFoldedHeader:
      return {DesyncTier::kSevere, "BadHeader"};
    case Http1Refusal::kRequestLine:
    case Http1Refusal::kMethodTooLong:
      return {DesyncTier::kSevere, "BadMethod"};
    case Http1Refusal::kTarget:
      return {DesyncTier::kSevere, "BadUri"};
    case Http1Refusal::kVersion:
      return {DesyncTier::kSevere, "BadVersion"};
    case Http1Refusal::kContentLength:
      return {DesyncTier::kSevere, "BadContentLength"};
    case Http1Refusal::kTransferEncoding:
    case Http1Refusal::kUnknownCoding:
      return {DesyncTier::kSevere, "BadTransferEncoding"};
    default:
      return {};
  }
}

std::string_view ToLogWord(DesyncTier tier) {
  switch (tier) {
    case DesyncTier::kCompliant:
      return "";
    case DesyncTier::kAcceptable:
      return "Acceptable";
    case DesyncTier::kAmbiguous:
      return "Ambiguous";
    case DesyncTier::kSevere:
      return "Severe";
  }
  return "";
}

DesyncVerdict Judge(DesyncTier tier, DesyncMode mode) {
  if (tier == DesyncTier::kCompliant) return DesyncVerdict::kPass;
  if (tier == DesyncTier::kSevere || mode == DesyncMode::kStrictest) return DesyncVerdict::kRefuse;
  if (tier == DesyncTier::kAmbiguous && mode == DesyncMode::kDefensive) return DesyncVerdict::kPassAndClose;
  return DesyncVerdict::kPass;
}

}  // namespace meetinity::balancer
