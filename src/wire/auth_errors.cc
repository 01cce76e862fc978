#include "wire/auth_errors.h"

#include "base/bytes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "wire/errors.h"

namespace meetinity::wire {
namespace {

struct Spelling {
  std::string_view plain, json;
};

constexpr std::array kSpellings = {
    Spelling{kAccessDenied, kAccessDeniedException},
    Spelling{kSignatureDoesNotMatch, kInvalidSignatureException},
    Spelling{kIncompleteSignature, kIncompleteSignatureException},
    Spelling{kMissingAuthenticationToken, kMissingAuthenticationTokenException},
    Spelling{kInvalidClientTokenId, kUnrecognizedClientException},
    Spelling{kExpiredToken, kExpiredTokenException},
};

// EC2 has words of its own (EC2 API Reference, page "Error codes for the Amazon EC2 API"); models/errors/ec2.txt has
// their statuses.
constexpr std::string_view kAuthFailure = "AuthFailure";
constexpr std::string_view kUnauthorizedOperation = "UnauthorizedOperation";

Error InEc2sWords(Error error) {
  if (error.name == kAccessDenied) error.name = kUnauthorizedOperation;
  if (error.name == kInvalidClientTokenId || error.name == kSignatureDoesNotMatch) error.name = kAuthFailure;
  return error;
}

bool SpeaksJson(Protocol protocol) {
  return protocol == Protocol::kJson10 || protocol == Protocol::kJson11 || protocol == Protocol::kRpcV2Cbor ||
         protocol == Protocol::kRestJson;
}

}  // namespace

Error InProtocolsWords(const ServiceShape& service, Protocol protocol, Error error) {
  if (protocol == Protocol::kEc2) return InEc2sWords(std::move(error));
  if (!SpeaksJson(protocol) || service.FindError(error.name) != nullptr) return error;
  for (const Spelling& spelling : kSpellings) {
    if (error.name != spelling.plain) continue;
    error.name = spelling.json;
    // The RPC protocols answer 400 to whatever is the client's fault; REST keeps 403.
    if (protocol != Protocol::kRestJson) error.kind = Kind::kInvalid;
    break;
  }
  return error;
}

std::string ActionOf(const ServiceShape& service, std::string_view operation) {
  const std::string_view prefix = service.signing_name == "monitoring" ? "cloudwatch" : service.signing_name;
  std::string action;
  action.reserve(prefix.size() + 1 + operation.size());
  action.append(prefix).append(":").append(operation);
  return action;
}

bool NeedsNoPermission(std::string_view action) {
  constexpr std::array<std::string_view, 3> kActions = {"sts:GetCallerIdentity", "sts:GetSessionToken",
                                                        "sts:GetAccessKeyInfo"};
  return std::find(kActions.begin(), kActions.end(), action) != kActions.end();
}

std::string SpacedHex(std::string_view bytes) {
  const std::string hex = HexEncode(bytes);
  std::string spaced;
  spaced.reserve(hex.size() * 3 / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    if (i != 0) spaced += ' ';
    spaced.append(hex, i, 2);
  }
  return spaced;
}

Error S3SignatureMismatch(const std::string& access_key_id, const std::string& string_to_sign,
                          const std::string& signature) {
  return Error{Kind::kUnauthorized, kSignatureDoesNotMatch,
               "The request signature we calculated does not match the signature you provided. Check your key and "
               "signing method."}
      .With("AWSAccessKeyId", access_key_id)
      .With("StringToSign", string_to_sign)
      .With("SignatureProvided", signature)
      .With("StringToSignBytes", SpacedHex(string_to_sign));
}

}  // namespace meetinity::wire
