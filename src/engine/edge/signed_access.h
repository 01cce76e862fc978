#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

struct evp_pkey_st;

// Signed URLs and signed cookies (CloudFront Developer Guide, page "Serve private content with signed URLs and signed
// cookies"): who shows a policy that a trusted key signed, and which admits the request, is served.
namespace meetinity::edge {

enum class SigningHash { kSha1, kSha256 };

// A public key to check signatures with: RSA of 2048 bits or ECDSA on P-256. Immutable; thread-safe.
class VerifyingKey {
 public:
  // kInvalid with what is wrong when `pem` is no such key.
  static Result<VerifyingKey> Parse(std::string_view pem);
  // PKCS #1 v1.5 for RSA, DER for ECDSA.
  bool Verifies(SigningHash hash, std::string_view message, std::string_view signature) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

// Public keys by Key-Pair-Id.
using TrustedKeys = std::map<std::string, VerifyingKey, std::less<>>;

// What a request shows, as sent; empty for what is absent.
struct AccessClaim {
  std::string_view key_pair_id, signature, policy, expires, hash_algorithm;
  bool empty() const { return key_pair_id.empty() && signature.empty() && policy.empty() && expires.empty(); }
};

// From the query's parameters Expires, Policy, Signature, Key-Pair-Id and Hash-Algorithm. What else the query holds is
// appended to `rest`, in order and separated by '&'.
AccessClaim ReadQueryClaim(std::string_view query, std::string& rest);

// From the cookies CloudFront-Expires and so on.
AccessClaim ReadCookieClaim(std::span<const net::HeaderView> headers);
// True for the name of one of these cookies: they are between viewer and edge, and go no further.
bool IsAccessCookie(std::string_view name);

enum class AccessVerdict { kGranted, kMissingKey, kUnknownKey, kMalformedPolicy, kMalformedSignature, kDenied };

struct AccessRequest {
  AccessClaim claim;
  std::string_view url;  // scheme, authority, path and the query without the claim's parameters
  std::string_view peer_address;
  Instant now;
};
AccessVerdict CheckAccess(const AccessRequest& request, const TrustedKeys& keys);

// The body of the 403 that a verdict brings, in CloudFront's XML.
std::string_view ToBody(AccessVerdict verdict);

}  // namespace meetinity::edge
