#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"
#include "wire/auth.h"

namespace meetinity::wire {

// AWS Signature Version 4 (IAM User Guide, page "Create a signed AWS API request"; S3 API Reference, page
// "Authenticating Requests (AWS Signature Version 4)").

inline constexpr Duration kClockSkewMax = std::chrono::minutes(15);
inline constexpr Duration kPresignedExpiryMax = std::chrono::seconds(604'800);  // seven days

// How the body was covered by the signature.
enum class PayloadKind {
  kHashed,                  // x-amz-content-sha256 (or, for services other than S3, the hash we compute) is the body's
  kUnsigned,                // UNSIGNED-PAYLOAD
  kStreamingSigned,         // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  kStreamingSignedTrailer,  // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  kStreamingUnsignedTrailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

// "20240101/eu-west-1/s3/aws4_request"
struct CredentialScope {
  std::string date, region, service;
  std::string ToString() const;
};

// What a request claims, parsed and not yet verified. A request may carry its signature in Authorization or in the
// query (presigned); both is an error, neither is anonymous.
struct SignedClaim {
  std::string access_key_id;
  CredentialScope scope;
  Instant signed_at;
  std::string amz_date;
  std::vector<std::string> signed_headers;  // sorted, lower case, as sent
  std::string signature;
  std::string session_token;
  bool presigned = false;
  std::chrono::seconds expires{0};  // presigned only
  std::string payload_hash;         // presigned only: X-Amz-Content-Sha256 of the query, when it is there
};

// Refuses with AWS's own names: AuthorizationHeaderMalformed, AuthorizationQueryParametersError, MissingDateHeader …
// for S3, IncompleteSignature for the others. Empty, too, for the older scheme that sigv2.h reads.
Result<std::optional<SignedClaim>> ParseClaim(const net::RequestHead& request, bool is_s3);

// The service that the credential scope names, empty when there is none: which rules ParseClaim must follow.
std::string ClaimedService(const net::RequestHead& request);

// What the canonical request carries for the body: the x-amz-content-sha256 header's value, and UNSIGNED-PAYLOAD for
// presigned S3 requests without one. Empty: the body's own hash, which the caller computes (services other than S3).
// Refuses, for S3, a request without the header (InvalidRequest) and a value that is neither a hash nor one of the
// special words (InvalidArgument).
Result<std::string> DeclaredPayloadHash(const net::RequestHead& request, const SignedClaim& claim, bool is_s3);

struct Verified {
  std::shared_ptr<const Credential> credential;
  PayloadKind payload = PayloadKind::kHashed;
  std::string payload_hash;  // hex, for kHashed
  std::string signature;     // seed of the chunk signatures
  std::string signing_key;   // for chunk signatures; a secret
};

// Checks time, scope and signature. `payload_hash` is what the canonical request carries: the x-amz-content-sha256
// header's value, UNSIGNED-PAYLOAD for presigned requests, or the hash of the body where neither is there.
// Signing keys are cached by (key, date, region, service). Thread-safe.
class SigV4Verifier {
 public:
  // A request that is not presigned may also be signed by `clients_clock`, when there is one.
  SigV4Verifier(const CredentialSource& credentials, const Clock& clock, const Clock* clients_clock = nullptr);
  ~SigV4Verifier();
  Result<Verified> Verify(const net::RequestHead& request, const SignedClaim& claim, bool is_s3,
                          std::string_view payload_hash, std::string_view expected_region) const;
  const CredentialSource& credentials() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The signing side: for the edge's origin requests (OAC), presigning and the CLI.
struct SigningInput {
  std::string method, host, path, query;                     // path and query as they go on the wire
  std::vector<std::pair<std::string, std::string>> headers;  // to be signed besides host; lower-case names
  std::string payload_hash;                                  // hex or UNSIGNED-PAYLOAD
};
// Headers to add: authorization, x-amz-date, x-amz-content-sha256, x-amz-security-token when there is one.
std::vector<std::pair<std::string, std::string>> SignRequest(const SigningInput& input, const Credential& credential,
                                                             const CredentialScope& scope, Instant now);
// The whole query of a presigned request: `input.query` and the X-Amz-… parameters, the signature last. `input.headers`
// are those that the sender will have to send, and `expires` is at most kPresignedExpiryMax.
std::string PresignQuery(const SigningInput& input, const Credential& credential, const CredentialScope& scope,
                         Instant now, std::chrono::seconds expires);

}  // namespace meetinity::wire
