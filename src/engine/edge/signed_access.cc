#include "engine/edge/signed_access.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <optional>

#include "base/text.h"
#include "engine/edge/signed_policy.h"

namespace meetinity::edge {
namespace {

constexpr std::string_view kInvalidKey = "InvalidKey";
constexpr std::string_view kCookiePrefix = "CloudFront-";

// A PEM key of 2048 bits has some 450 bytes.
constexpr size_t kPemBytesMax = 4'096;

Error InvalidKey(std::string detail) { return Error{Kind::kInvalid, kInvalidKey, std::move(detail)}; }

bool IsP256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  size_t size = 0;
  return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == "prime256v1";
}

// Null when `name` is no part of a claim.
std::string_view* MemberOf(AccessClaim& claim, std::string_view name) {
  if (name == "Expires") return &claim.expires;
  if (name == "Policy") return &claim.policy;
  if (name == "Signature") return &claim.signature;
  if (name == "Key-Pair-Id") return &claim.key_pair_id;
  if (name == "Hash-Algorithm") return &claim.hash_algorithm;
  return nullptr;
}

std::optional<SigningHash> ToHash(std::string_view name) {
  if (name.empty() || name == "SHA1") return SigningHash::kSha1;
  if (name == "SHA256") return SigningHash::kSha256;
  return std::nullopt;
}

}  // namespace

Result<VerifyingKey> VerifyingKey::Parse(std::string_view pem) {
  if (pem.empty() || pem.size() > kPemBytesMax) return InvalidKey("a public key is PEM of at most 4,096 characters");
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      &BIO_free);
  VerifyingKey key;
  key.key_ = {bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr, &EVP_PKEY_free};
  ERR_clear_error();
  if (!key.key_) return InvalidKey("not a public key in PEM; it begins with -----BEGIN PUBLIC KEY-----");
  const bool rsa = EVP_PKEY_is_a(key.key_.get(), "RSA") == 1 && EVP_PKEY_get_bits(key.key_.get()) == 2048;
  const bool ecdsa = EVP_PKEY_is_a(key.key_.get(), "EC") == 1 && IsP256(key.key_.get());
  if (!rsa && !ecdsa) return InvalidKey("a public key is RSA of 2048 bits or ECDSA on the curve P-256");
  return key;
}

bool VerifyingKey::Verifies(SigningHash hash, std::string_view message, std::string_view signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const EVP_MD* digest = hash == SigningHash::kSha1 ? EVP_sha1() : EVP_sha256();
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  const bool verified =
      context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message), message.size()) == 1;
  if (!verified) ERR_clear_error();  // what a stranger sent is no error of this thread
  return verified;
}

AccessClaim ReadQueryClaim(std::string_view query, std::string& rest) {
  AccessClaim claim;
  while (!query.empty()) {
    const size_t ampersand = query.find('&');
    const std::string_view parameter = query.substr(0, ampersand);
    query = ampersand == std::string_view::npos ? std::string_view{} : query.substr(ampersand + 1);
    const size_t equals = parameter.find('=');
    std::string_view* member = MemberOf(claim, parameter.substr(0, equals));
    if (member == nullptr) {
      if (!rest.empty()) rest += '&';
      rest += parameter;
    } else if (equals != std::string_view::npos) {
      *member = parameter.substr(equals + 1);
    }
  }
  return claim;
}

AccessClaim ReadCookieClaim(std::span<const net::HeaderView> headers) {
  AccessClaim claim;
  for (const net::HeaderView& header : headers) {
    if (header.name != "cookie") continue;
    for (const std::string_view piece : Split(header.value, ';')) {
      const std::string_view pair = Trim(piece);
      const size_t equals = pair.find('=');
      if (equals == std::string_view::npos || !pair.starts_with(kCookiePrefix)) continue;
      std::string_view* member = MemberOf(claim, pair.substr(kCookiePrefix.size(), equals - kCookiePrefix.size()));
      if (member != nullptr) *member = pair.substr(equals + 1);
    }
  }
  return claim;
}

bool IsAccessCookie(std::string_view name) {
  AccessClaim claim;
  return name.starts_with(kCookiePrefix) && MemberOf(claim, name.substr(kCookiePrefix.size())) != nullptr;
}

AccessVerdict CheckAccess(const AccessRequest& request, const TrustedKeys& keys) {
  const AccessClaim& claim = request.claim;
  if (claim.key_pair_id.empty()) return AccessVerdict::kMissingKey;
  const auto key = keys.find(claim.key_pair_id);
  if (key == keys.end()) return AccessVerdict::kUnknownKey;
  if (claim.signature.empty() || (claim.policy.empty() && claim.expires.empty())) return AccessVerdict::kDenied;
  const auto hash = ToHash(claim.hash_algorithm);
  const auto signature = DecodeUrlBase64(claim.signature);
  if (!hash || !signature.ok()) return AccessVerdict::kMalformedSignature;

  std::string message;
  SignedPolicy policy;
  if (claim.policy.empty()) {
    const auto seconds = ParseUnsigned(claim.expires);
    if (!seconds || *seconds > kLatestEpochTime) return AccessVerdict::kMalformedPolicy;
    message = CannedPolicy(request.url, static_cast<int64_t>(*seconds));
    policy.expires = Instant::FromUnixSeconds(static_cast<int64_t>(*seconds));
  } else {
    auto decoded = DecodeUrlBase64(claim.policy);
    if (!decoded.ok()) return AccessVerdict::kMalformedPolicy;
    message = std::move(decoded).value();
  }
  if (!key->second.Verifies(*hash, message, *signature)) return AccessVerdict::kDenied;
  if (!claim.policy.empty()) {
    auto parsed = ParseSignedPolicy(message);
    if (!parsed.ok()) return AccessVerdict::kMalformedPolicy;
    policy = std::move(parsed).value();
  }
  return policy.Admits(request.url, request.peer_address, request.now) ? AccessVerdict::kGranted
                                                                       : AccessVerdict::kDenied;
}

std::string_view ToBody(AccessVerdict verdict) {
  switch (verdict) {
    case AccessVerdict::kMissingKey:
      return R"(<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code>)"
             R"(<Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>)";
    case AccessVerdict::kUnknownKey:
      return R"(<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidKey</Code>)"
             R"(<Message>Unknown Key</Message></Error>)";
    case AccessVerdict::kMalformedPolicy:
      return R"(<?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedPolicy</Code>)"
             R"(<Message>Malformed Policy</Message></Error>)";
    case AccessVerdict::kMalformedSignature:
      return R"(<?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedSignature</Code>)"
             R"(<Message>Could not unencode Signature</Message></Error>)";
    case AccessVerdict::kGranted:
    case AccessVerdict::kDenied:
      break;
  }
  return R"(<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>)"
         R"(<Message>Access denied</Message></Error>)";
}

}  // namespace meetinity::edge
