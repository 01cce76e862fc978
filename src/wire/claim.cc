#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/uri.h"
#include "wire/canonical_request.h"
#include "wire/errors.h"
#include "wire/sigv4.h"

// Parsing of what a request says about its signature; nothing here is verified.
namespace meetinity::wire {
namespace {

// As many as a request may have headers at all; each is searched for among them.
constexpr size_t kSignedHeadersMax = 128;

Error HeaderMalformed(bool is_s3, std::string detail) {
  if (!is_s3) return Error{Kind::kInvalid, kIncompleteSignature, std::move(detail)};
  return Error{Kind::kInvalid, kAuthorizationHeaderMalformed, "The authorization header is malformed; " + detail};
}

Error QueryMalformed(bool is_s3, std::string detail) {
  return Error{Kind::kInvalid, is_s3 ? kAuthorizationQueryParametersError : kIncompleteSignature, std::move(detail)};
}

Error RetiredScheme() {
  return Error{Kind::kInvalid, kInvalidRequest,
               "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."};
}

using MalformedFault = Error (*)(bool is_s3, std::string detail);

std::string_view NextPiece(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

// "AKID/20240101/eu-west-1/s3/aws4_request". Taken from the end: the four last pieces hold no slash.
Status ParseCredential(std::string_view text, bool is_s3, MalformedFault malformed, SignedClaim& claim) {
  std::array<std::string_view, 4> pieces;
  std::string_view rest = text;
  for (size_t i = pieces.size(); i-- > 0;) {
    const size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos || slash == 0) {
      return malformed(is_s3, is_s3 ? "the Credential is mal-formed; expecting "
                                      "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
                                    : "Credential must have exactly 5 slash-delimited elements, e.g. "
                                      "keyid/date/region/service/term, got '" +
                                          std::string(text) + "'");
    }
    pieces[i] = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  if (pieces[3] != kScopeTerminator) {
    return malformed(is_s3, "Credential should be scoped with a valid terminator: 'aws4_request', not '" +
                                std::string(pieces[3]) + "'.");
  }
  claim.access_key_id = rest;
  claim.scope = {std::string(pieces[0]), std::string(pieces[1]), std::string(pieces[2])};
  return {};
}

Status ParseSignedHeaders(std::string_view text, bool is_s3, MalformedFault malformed, SignedClaim& claim) {
  claim.signed_headers.reserve(8);
  while (!text.empty()) {
    if (claim.signed_headers.size() == kSignedHeadersMax) return malformed(is_s3, "too many SignedHeaders");
    claim.signed_headers.emplace_back(NextPiece(text, ';'));
  }
  return {};
}

struct AuthorizationFields {
  std::string_view credential, signed_headers, signature;
};

Result<AuthorizationFields> ParseAuthorization(std::string_view text, bool is_s3) {
  std::string_view rest = text;
  if (NextPiece(rest, ' ') != kSigningAlgorithm) {
    if (is_s3 && text.starts_with("AWS ")) return RetiredScheme();
    if (!is_s3) return HeaderMalformed(is_s3, "Unsupported authorization type; use AWS4-HMAC-SHA256");
    return Error{Kind::kInvalid, kInvalidArgument, "Unsupported Authorization Type"}
        .With("ArgumentName", "Authorization")
        .With("ArgumentValue", std::string(text));
  }
  AuthorizationFields fields;
  while (!rest.empty()) {
    std::string_view value = Trim(NextPiece(rest, ','));
    const std::string_view name = NextPiece(value, '=');
    if (name == "Credential") fields.credential = value;
    if (name == "SignedHeaders") fields.signed_headers = value;
    if (name == "Signature") fields.signature = value;
  }
  if (!fields.credential.empty() && !fields.signed_headers.empty() && !fields.signature.empty()) return fields;
  if (is_s3) {
    return HeaderMalformed(is_s3,
                           "the authorization header requires three components: Credential, SignedHeaders, and "
                           "Signature.");
  }
  std::string missing;
  const auto require = [&missing](std::string_view name, std::string_view value) {
    if (value.empty()) missing.append("Authorization header requires '").append(name).append("' parameter. ");
  };
  require("Credential", fields.credential);
  require("Signature", fields.signature);
  require("SignedHeaders", fields.signed_headers);
  return HeaderMalformed(is_s3, missing + "Authorization=AWS4-HMAC-SHA256");
}

// X-Amz-Date, or Date in either of its forms.
Status ParseDate(const net::RequestHead& request, bool is_s3, SignedClaim& claim) {
  auto text = request.Find("x-amz-date");
  if (!text) text = request.Find("date");
  if (!text) {
    if (is_s3) {
      return Error{Kind::kUnauthorized, kAccessDenied, "AWS authentication requires a valid Date or x-amz-date header"};
    }
    return HeaderMalformed(is_s3,
                           "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
                           "Authorization=AWS4-HMAC-SHA256");
  }
  Result<Instant> at = Instant::ParseBasicIso8601(*text);
  if (!at.ok()) at = Instant::ParseHttpDate(*text);
  if (!at.ok()) {
    if (is_s3) {
      return Error{Kind::kUnauthorized, kAccessDenied, "AWS authentication requires a valid Date or x-amz-date header"};
    }
    return HeaderMalformed(is_s3, "Date must be in ISO-8601 'basic format'. Got '" + std::string(*text) + "'.");
  }
  claim.signed_at = *at;
  claim.amz_date = at->ToBasicIso8601();
  return {};
}

Result<SignedClaim> ParseHeaderClaim(const net::RequestHead& request, std::string_view authorization, bool is_s3) {
  SignedClaim claim;
  const AuthorizationFields fields = TRY(ParseAuthorization(authorization, is_s3));
  TRY(ParseCredential(fields.credential, is_s3, HeaderMalformed, claim));
  TRY(ParseSignedHeaders(fields.signed_headers, is_s3, HeaderMalformed, claim));
  claim.signature = fields.signature;
  TRY(ParseDate(request, is_s3, claim));
  if (const auto token = request.Find("x-amz-security-token")) claim.session_token = *token;
  return claim;
}

struct QueryFields {
  std::optional<std::string> algorithm, credential, signature, date, signed_headers, expires, token, payload_hash;
  bool version2 = false;  // AWSAccessKeyId=…&Signature=…: signed, but not as read here
  bool any() const { return algorithm || credential || signature; }
};

// The parameters of query authentication; everything else in the query is left alone, well-formed or not.
QueryFields FindQueryFields(std::string_view query) {
  QueryFields fields;
  while (!query.empty()) {
    std::string_view value = NextPiece(query, '&');
    const std::string_view name = NextPiece(value, '=');
    if (name == "AWSAccessKeyId") fields.version2 = true;
    if (name.size() < 10 || !EqualsIgnoreCase(name.substr(0, 6), "x-amz-")) continue;
    const auto take = [&](std::string_view wanted, std::optional<std::string>& into) {
      if (into || name != wanted) return;
      Result<std::string> decoded = PercentDecode(value);
      into = decoded.ok() ? std::move(*decoded) : std::string(value);
    };
    take("X-Amz-Algorithm", fields.algorithm);
    take("X-Amz-Credential", fields.credential);
    take("X-Amz-Signature", fields.signature);
    take("X-Amz-Date", fields.date);
    take("X-Amz-SignedHeaders", fields.signed_headers);
    take("X-Amz-Expires", fields.expires);
    take("X-Amz-Security-Token", fields.token);
    take("X-Amz-Content-Sha256", fields.payload_hash);
  }
  return fields;
}

Status ParseExpires(const QueryFields& fields, bool is_s3, SignedClaim& claim) {
  if (!fields.expires) {
    // Only S3 insists; STS, say, takes a presigned call without, and then the clock skew bounds it.
    claim.expires = std::chrono::duration_cast<std::chrono::seconds>(kClockSkewMax);
    return {};
  }
  const auto seconds = ParseSigned(*fields.expires);
  if (!seconds) return QueryMalformed(is_s3, "X-Amz-Expires should be a number");
  if (*seconds < 0) return QueryMalformed(is_s3, "X-Amz-Expires must be non-negative");
  if (std::chrono::seconds(*seconds) > std::chrono::duration_cast<std::chrono::seconds>(kPresignedExpiryMax)) {
    return QueryMalformed(is_s3,
                          "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
                          "be less than 604800 seconds");
  }
  if (*seconds == 0) return QueryMalformed(is_s3, "X-Amz-Expires must be at least 1 second");
  claim.expires = std::chrono::seconds(*seconds);
  return {};
}

Result<SignedClaim> ParseQueryClaim(const QueryFields& fields, bool is_s3) {
  SignedClaim claim;
  claim.presigned = true;
  if (!fields.algorithm || !fields.credential || !fields.signature || !fields.date || !fields.signed_headers ||
      (is_s3 && !fields.expires)) {
    return QueryMalformed(is_s3,
                          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                          "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  }
  if (*fields.algorithm != kSigningAlgorithm) {
    return QueryMalformed(is_s3, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  }
  TRY(ParseCredential(
      *fields.credential, is_s3,
      [](bool s3, std::string detail) {
        return QueryMalformed(s3, s3 ? "Error parsing the X-Amz-Credential parameter; " + detail : std::move(detail));
      },
      claim));
  TRY(ParseSignedHeaders(*fields.signed_headers, is_s3, QueryMalformed, claim));
  const Result<Instant> at = Instant::ParseBasicIso8601(*fields.date);
  if (!at.ok()) {
    return QueryMalformed(is_s3, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  claim.signed_at = *at;
  claim.amz_date = *fields.date;
  claim.signature = *fields.signature;
  claim.session_token = fields.token.value_or("");
  claim.payload_hash = fields.payload_hash.value_or("");
  TRY(ParseExpires(fields, is_s3, claim));
  return claim;
}

}  // namespace

std::string CredentialScope::ToString() const {
  std::string text;
  text.reserve(date.size() + region.size() + service.size() + kScopeTerminator.size() + 3);
  text.append(date).append("/").append(region).append("/").append(service).append("/").append(kScopeTerminator);
  return text;
}

Result<std::optional<SignedClaim>> ParseClaim(const net::RequestHead& request, bool is_s3) {
  const auto authorization = request.Find("authorization");
  const QueryFields fields = request.query.empty() ? QueryFields{} : FindQueryFields(request.query);
  if (authorization && (fields.any() || (is_s3 && fields.version2))) {
    return Error{Kind::kInvalid, is_s3 ? kInvalidArgument : kIncompleteSignature,
                 "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
                 "parameter or the Authorization header should be specified"}
        .With("ArgumentName", "Authorization")
        .With("ArgumentValue", std::string(*authorization));
  }
  if (authorization) return std::optional(TRY(ParseHeaderClaim(request, *authorization, is_s3)));
  if (fields.any()) return std::optional(TRY(ParseQueryClaim(fields, is_s3)));
  return std::optional<SignedClaim>();
}

std::string ClaimedService(const net::RequestHead& request) {
  const auto service_of = [](std::string_view credential) -> std::string {
    const size_t terminator = credential.rfind('/');
    if (terminator == std::string_view::npos || terminator == 0) return {};
    const size_t service = credential.rfind('/', terminator - 1);
    if (service == std::string_view::npos) return {};
    return std::string(credential.substr(service + 1, terminator - service - 1));
  };
  if (const auto authorization = request.Find("authorization")) {
    constexpr std::string_view kField = "Credential=";
    const size_t at = authorization->find(kField);
    if (at == std::string_view::npos) return {};
    std::string_view rest = authorization->substr(at + kField.size());
    return service_of(Trim(NextPiece(rest, ',')));
  }
  if (request.query.empty()) return {};
  const QueryFields fields = FindQueryFields(request.query);
  return fields.credential ? service_of(*fields.credential) : std::string();
}

}  // namespace meetinity::wire
