#include "wire/sigv4.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "wire/auth_errors.h"
#include "wire/canonical_request.h"
#include "wire/errors.h"
#include "wire/signing_key_cache.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kStreamingSigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view kStreamingSignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
constexpr std::string_view kStreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

bool IsSha256Hex(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

PayloadKind PayloadKindOf(std::string_view payload_hash) {
  if (payload_hash == kUnsignedPayload) return PayloadKind::kUnsigned;
  if (payload_hash == kStreamingSigned) return PayloadKind::kStreamingSigned;
  if (payload_hash == kStreamingSignedTrailer) return PayloadKind::kStreamingSignedTrailer;
  if (payload_hash == kStreamingUnsignedTrailer) return PayloadKind::kStreamingUnsignedTrailer;
  return PayloadKind::kHashed;
}

// --- what the scope says

Error WrongScope(const SignedClaim& claim, bool is_s3, std::string s3_detail, std::string detail) {
  if (!is_s3) return Error{Kind::kUnauthorized, kSignatureDoesNotMatch, std::move(detail)};
  if (claim.presigned) {
    return Error{Kind::kInvalid, kAuthorizationQueryParametersError,
                 "Error parsing the X-Amz-Credential parameter; " + s3_detail};
  }
  return Error{Kind::kInvalid, kAuthorizationHeaderMalformed, "The authorization header is malformed; " + s3_detail};
}

Status CheckScope(const SignedClaim& claim, bool is_s3, std::string_view expected_region) {
  const CredentialScope& scope = claim.scope;
  const std::string_view day = std::string_view(claim.amz_date).substr(0, 8);
  if (scope.date != day) {
    return WrongScope(claim, is_s3,
                      "Invalid credential date \"" + scope.date + "\". This date is not the same as X-Amz-Date: \"" +
                          std::string(day) + "\".",
                      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
                          scope.date + "' != '" + std::string(day) + "', from '" + claim.amz_date + "'.");
  }
  if (scope.region != expected_region) {
    Error error = WrongScope(
        claim, is_s3, "the region '" + scope.region + "' is wrong; expecting '" + std::string(expected_region) + "'",
        "Credential should be scoped to a valid region, not '" + scope.region + "'. This endpoint serves '" +
            std::string(expected_region) + "'.");
    // S3's clients read the right region from here and sign again.
    if (is_s3) error = std::move(error).With("Region", std::string(expected_region));
    return error;
  }
  return {};
}

// --- when

Error Expired(const SignedClaim& claim, Instant valid_until, Instant now) {
  return Error{Kind::kUnauthorized, kAccessDenied, "Request has expired"}
      .With("X-Amz-Expires", std::to_string(claim.expires.count()))
      .With("Expires", valid_until.ToIso8601())
      .With("ServerTime", now.ToIso8601());
}

Error NotYetCurrent(const SignedClaim& claim, Instant now) {
  return Error{Kind::kUnauthorized, kSignatureDoesNotMatch,
               "Signature not yet current: " + claim.amz_date + " is still later than " +
                   (now + kClockSkewMax).ToBasicIso8601() + " (" + now.ToBasicIso8601() + " + 15 min.)"};
}

Error SignatureExpired(const SignedClaim& claim, Instant now) {
  return Error{Kind::kUnauthorized, kSignatureDoesNotMatch,
               "Signature expired: " + claim.amz_date + " is now earlier than " +
                   (now - kClockSkewMax).ToBasicIso8601() + " (" + now.ToBasicIso8601() + " - 15 min.)"};
}

bool IsNear(Instant signed_at, Instant now) {
  return signed_at <= now + kClockSkewMax && signed_at >= now - kClockSkewMax;
}

Status CheckTime(const SignedClaim& claim, bool is_s3, Instant now, Instant clients_now) {
  const bool too_early = claim.signed_at > now + kClockSkewMax;
  if (claim.presigned) {
    const Instant valid_until = claim.signed_at + claim.expires;
    if (too_early && is_s3) {
      return Error{Kind::kUnauthorized, kAccessDenied, "Request is not valid yet"}
          .With("X-Amz-Date", claim.amz_date)
          .With("ServerTime", now.ToIso8601());
    }
    if (too_early) return NotYetCurrent(claim, now);
    if (now > valid_until && is_s3) return Expired(claim, valid_until, now);
    if (now > valid_until) {
      return Error{
          Kind::kUnauthorized, kSignatureDoesNotMatch,
          "Signature expired: " + valid_until.ToBasicIso8601() + " is now earlier than " + now.ToBasicIso8601()};
    }
    return {};
  }
  // An operator who moved the cloud's clock ahead still has clients that sign by the machine's. What is presigned goes
  // by the cloud's alone: it would be no rehearsal if it did not expire.
  if (IsNear(claim.signed_at, now) || IsNear(claim.signed_at, clients_now)) return {};
  if (!is_s3) return too_early ? NotYetCurrent(claim, now) : SignatureExpired(claim, now);
  return Error{Kind::kUnauthorized, kRequestTimeTooSkewed,
               "The difference between the request time and the current time is too large."}
      .With("RequestTime", claim.amz_date)
      .With("ServerTime", now.ToIso8601())
      .With("MaxAllowedSkewMilliseconds",
            std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(kClockSkewMax).count()));
}

// --- which headers

bool IsSigned(const SignedClaim& claim, std::string_view name) {
  return std::find(claim.signed_headers.begin(), claim.signed_headers.end(), name) != claim.signed_headers.end();
}

// Host, or the request could be replayed against another endpoint; every x-amz-* header, or it could be changed under
// way.
Status CheckSignedHeaders(const net::RequestHead& request, const SignedClaim& claim, bool is_s3) {
  std::string missing;
  const auto note = [&missing](std::string_view name) {
    if (!missing.empty()) missing += ", ";
    missing += name;
  };
  if (!IsSigned(claim, "host") && !IsSigned(claim, ":authority")) note("host");
  for (const net::HeaderView& header : request.headers) {
    if (header.name.starts_with("x-amz-") && !IsSigned(claim, header.name)) note(header.name);
  }
  if (missing.empty()) return {};
  if (is_s3) {
    return Error{Kind::kUnauthorized, kAccessDenied, "There were headers present in the request which were not signed"}
        .With("HeadersNotSigned", std::move(missing));
  }
  return Error{Kind::kUnauthorized, kSignatureDoesNotMatch,
               "'" + missing + "' must be a 'SignedHeader' in the AWS Authorization."};
}

// --- the signature

std::string CanonicalRequestOf(const net::RequestHead& request, const SignedClaim& claim, bool is_s3,
                               std::string_view payload_hash) {
  std::string text;
  text.reserve(1024 + request.target.size());
  text.append(request.method).append("\n");
  AppendCanonicalPath(text, request.path, is_s3 ? PathRule::kEncodeOnce : PathRule::kNormaliseAndEncodeTwice);
  text += '\n';
  AppendCanonicalQuery(text, request.query, claim.presigned ? "X-Amz-Signature" : "");
  text += '\n';
  std::vector<std::string_view> values;
  values.reserve(4);
  for (const std::string& name : claim.signed_headers) {
    values.clear();
    if (name == "host" || name == ":authority") {
      values.push_back(request.authority);
    } else {
      for (const net::HeaderView& header : request.headers) {
        if (header.name == name) values.push_back(header.value);
      }
    }
    AppendCanonicalHeader(text, name, values);
  }
  text += '\n';
  for (const std::string& name : claim.signed_headers) {
    if (&name != &claim.signed_headers.front()) text += ';';
    text += name;
  }
  text.append("\n").append(payload_hash);
  return text;
}

Error Mismatch(const SignedClaim& claim, bool is_s3, const std::string& string_to_sign, const std::string& canonical) {
  if (is_s3) {
    return S3SignatureMismatch(claim.access_key_id, string_to_sign, claim.signature)
        .With("CanonicalRequest", canonical)
        .With("CanonicalRequestBytes", SpacedHex(canonical));
  }
  return Error{Kind::kUnauthorized, kSignatureDoesNotMatch,
               "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
               "Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String "
               "for this request should have been\n'" +
                   canonical + "'\n\nThe String-to-Sign should have been\n'" + string_to_sign + "'\n"};
}

}  // namespace

Result<std::string> DeclaredPayloadHash(const net::RequestHead& request, const SignedClaim& claim, bool is_s3) {
  const auto header = request.Find("x-amz-content-sha256");
  std::string_view value = header ? *header : std::string_view();
  if (!header && claim.presigned) value = claim.payload_hash;
  if (!is_s3) return std::string(value);
  if (value.empty() && claim.presigned) return std::string(kUnsignedPayload);
  if (value.empty()) {
    return Error{Kind::kInvalid, kInvalidRequest, "Missing required header for this request: x-amz-content-sha256"};
  }
  if (PayloadKindOf(value) != PayloadKind::kHashed || IsSha256Hex(value)) return std::string(value);
  return Error{Kind::kInvalid, kInvalidArgument,
               "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
               "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 "
               "value."}
      .With("ArgumentName", "x-amz-content-sha256")
      .With("ArgumentValue", std::string(value));
}

struct SigV4Verifier::State {
  const CredentialSource& credentials;
  const Clock& clock;
  const Clock& clients_clock;
  SigningKeyCache keys;
};

SigV4Verifier::SigV4Verifier(const CredentialSource& credentials, const Clock& clock, const Clock* clients_clock)
    : state_(new State{credentials, clock, clients_clock ? *clients_clock : clock, {}}) {}

SigV4Verifier::~SigV4Verifier() = default;

const CredentialSource& SigV4Verifier::credentials() const { return state_->credentials; }

Result<Verified> SigV4Verifier::Verify(const net::RequestHead& request, const SignedClaim& claim, bool is_s3,
                                       std::string_view payload_hash, std::string_view expected_region) const {
  TRY(CheckScope(claim, is_s3, expected_region));
  std::shared_ptr<const Credential> credential =
      TRY(FindCredential(state_->credentials, claim.access_key_id, claim.session_token, is_s3, state_->clock.Now()));
  TRY(CheckTime(claim, is_s3, state_->clock.Now(), state_->clients_clock.Now()));
  TRY(CheckSignedHeaders(request, claim, is_s3));

  const std::string canonical = CanonicalRequestOf(request, claim, is_s3, payload_hash);
  const std::string string_to_sign = StringToSign(claim.amz_date, claim.scope.ToString(), canonical);
  std::string signing_key = state_->keys.Get(*credential, claim.scope);
  if (!ConstantTimeEqual(SignatureOf(signing_key, string_to_sign), claim.signature)) {
    return Mismatch(claim, is_s3, string_to_sign, canonical);
  }
  Verified verified;
  verified.credential = std::move(credential);
  verified.payload = PayloadKindOf(payload_hash);
  if (verified.payload == PayloadKind::kHashed) verified.payload_hash = ToLower(payload_hash);
  verified.signature = claim.signature;
  verified.signing_key = std::move(signing_key);
  return verified;
}

}  // namespace meetinity::wire
