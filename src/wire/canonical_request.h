#pragma once

#include <span>
#include <string>
#include <string_view>

#include "net/http.h"

// Signature Version 4's canonical forms: the one spelling of a request on which client and server must agree. Shared by
// the verifier and the signer. Everything appends to a buffer that the caller reserved, because these run once a call.
namespace meetinity::wire {

inline constexpr std::string_view kSigningAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kScopeTerminator = "aws4_request";
inline constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

enum class PathRule {
  kEncodeOnce,               // S3: a key may hold "//" and "..", and is encoded once
  kNormaliseAndEncodeTwice,  // everybody else: dot segments resolved, then the wire form is encoded again
};

// `path` as it came over the wire.
void AppendCanonicalPath(std::string& out, std::string_view path, PathRule rule);

// `query` as it came over the wire; parameters sorted by encoded name, then value. `without` names the one that is left
// out: X-Amz-Signature, of a presigned request.
void AppendCanonicalQuery(std::string& out, std::string_view query, std::string_view without);

// "name:value\n" with the value's outer spaces cut and inner runs folded; fields of one name are joined by commas.
void AppendCanonicalHeader(std::string& out, std::string_view name, std::span<const std::string_view> values);

// The text whose HMAC is the signature.
std::string StringToSign(std::string_view amz_date, std::string_view scope, std::string_view canonical_request);

struct CredentialScope;
// Four nested HMACs; cached by the verifier because it costs as much as the rest of a verification.
std::string DeriveSigningKey(std::string_view secret_access_key, const CredentialScope& scope);

// Lower-case hex.
std::string SignatureOf(std::string_view signing_key, std::string_view string_to_sign);

}  // namespace meetinity::wire
