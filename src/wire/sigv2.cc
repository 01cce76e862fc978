#include "wire/sigv2.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "base/uri.h"
#include "wire/auth_errors.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kAmzPrefix = "x-amz-";
// Into the year 2255; an Instant counts nanoseconds and reaches a little further.
constexpr int64_t kExpiresMax = 9'000'000'000;

constexpr std::string_view kTokenField = "x-amz-security-token";

// The parameters that say what is asked for, and so are signed; sorted.
constexpr std::array<std::string_view, 35> kSignedParameters = {
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
};

struct QueryParameter {
  std::string_view name;
  std::optional<std::string_view> value;  // as sent; none without '='
};

std::vector<QueryParameter> ParametersOf(std::string_view query) {
  std::vector<QueryParameter> parameters;
  if (query.empty()) return parameters;
  for (const std::string_view piece : Split(query, '&')) {
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
      parameters.push_back({piece, std::nullopt});
    } else {
      parameters.push_back({piece.substr(0, equals), piece.substr(equals + 1)});
    }
  }
  return parameters;
}

std::string Decoded(std::string_view text) {
  Result<std::string> decoded = PercentDecode(text);
  return decoded.ok() ? std::move(*decoded) : std::string(text);
}

std::optional<std::string> FindParameter(const std::vector<QueryParameter>& parameters, std::string_view name) {
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name == name) return Decoded(parameter.value.value_or(""));
  }
  return std::nullopt;
}

Error Denied(std::string detail) { return Error{Kind::kUnauthorized, kAccessDenied, std::move(detail)}; }

// A client that cannot set headers says in the query what it signed as one.
std::string HeaderOrParameter(const net::RequestHead& request, const std::vector<QueryParameter>& parameters,
                              std::string_view name) {
  if (const auto header = request.Find(name)) return std::string(Trim(*header));
  return FindParameter(parameters, name).value_or("");
}

std::map<std::string, std::string> AmzHeaders(const net::RequestHead& request,
                                              const std::vector<QueryParameter>& parameters) {
  std::map<std::string, std::string> headers;
  for (const net::HeaderView& header : request.headers) {
    if (!header.name.starts_with(kAmzPrefix)) continue;
    const auto [entry, is_first] = headers.try_emplace(std::string(header.name), Trim(header.value));
    if (!is_first) entry->second.append(",").append(Trim(header.value));
  }
  for (const QueryParameter& parameter : parameters) {
    if (!parameter.name.starts_with(kAmzPrefix)) continue;
    headers.try_emplace(std::string(parameter.name), Decoded(parameter.value.value_or("")));
  }
  return headers;
}

void AppendResource(std::string& out, const net::RequestHead& request, std::vector<QueryParameter> parameters,
                    std::string_view virtual_bucket) {
  if (!virtual_bucket.empty()) out.append("/").append(virtual_bucket);
  out += request.path;
  std::erase_if(parameters, [](const QueryParameter& parameter) {
    return !std::binary_search(kSignedParameters.begin(), kSignedParameters.end(), parameter.name);
  });
  std::stable_sort(parameters.begin(), parameters.end(),
                   [](const QueryParameter& a, const QueryParameter& b) { return a.name < b.name; });
  char separator = '?';
  for (const QueryParameter& parameter : parameters) {
    out += separator;
    out += parameter.name;
    if (parameter.value) out.append("=").append(Decoded(*parameter.value));
    separator = '&';
  }
}

std::string StringToSignV2(const net::RequestHead& request, const std::vector<QueryParameter>& parameters,
                           const QueryClaimV2& claim, std::string_view virtual_bucket) {
  std::string text(request.method);
  text.append("\n").append(HeaderOrParameter(request, parameters, "content-md5"));
  text.append("\n").append(HeaderOrParameter(request, parameters, "content-type"));
  text.append("\n").append(claim.expires).append("\n");
  for (const auto& [name, value] : AmzHeaders(request, parameters)) {
    text.append(name).append(":").append(value).append("\n");
  }
  AppendResource(text, request, parameters, virtual_bucket);
  return text;
}

}  // namespace

Result<std::optional<QueryClaimV2>> ParseQueryClaimV2(const net::RequestHead& request) {
  const std::vector<QueryParameter> parameters = ParametersOf(request.query);
  std::optional<std::string> access_key_id = FindParameter(parameters, "AWSAccessKeyId");
  if (!access_key_id) return std::optional<QueryClaimV2>();
  std::optional<std::string> signature = FindParameter(parameters, "Signature");
  std::optional<std::string> expires = FindParameter(parameters, "Expires");
  if (!signature || !expires) {
    return Denied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
  }
  const std::optional<int64_t> seconds = ParseSigned(*expires);
  if (!seconds || *seconds < 0 || *seconds > kExpiresMax) {
    return Denied("Invalid date (should be seconds since epoch): " + *expires);
  }
  QueryClaimV2 claim;
  claim.access_key_id = std::move(*access_key_id);
  claim.signature = std::move(*signature);
  claim.expires = std::move(*expires);
  claim.expires_at = Instant::FromUnixSeconds(*seconds);
  return std::optional(std::move(claim));
}

Result<std::shared_ptr<const Credential>> VerifyQueryV2(const net::RequestHead& request, const QueryClaimV2& claim,
                                                        std::string_view virtual_bucket,
                                                        const CredentialSource& credentials, Instant now) {
  const std::vector<QueryParameter> parameters = ParametersOf(request.query);
  const std::string token = HeaderOrParameter(request, parameters, kTokenField);
  std::shared_ptr<const Credential> credential =
      TRY(FindCredential(credentials, claim.access_key_id, token, true, now));
  if (now > claim.expires_at) {
    return Denied("Request has expired")
        .With("Expires", claim.expires_at.ToIso8601())
        .With("ServerTime", now.ToIso8601());
  }
  const std::string string_to_sign = StringToSignV2(request, parameters, claim, virtual_bucket);
  const std::string expected = Base64Encode(HmacSha1(credential->secret_access_key, string_to_sign));
  if (ConstantTimeEqual(expected, claim.signature)) return credential;
  return S3SignatureMismatch(claim.access_key_id, string_to_sign, claim.signature);
}

}  // namespace meetinity::wire
