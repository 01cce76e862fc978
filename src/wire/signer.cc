#include <fmt/format.h>

#include <algorithm>

#include "base/uri.h"
#include "wire/canonical_request.h"
#include "wire/sigv4.h"

namespace meetinity::wire {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string SignedHeaderNames(const Headers& sorted) {
  std::string names;
  for (const auto& [name, value] : sorted) {
    if (names.ends_with(name) && (names.size() == name.size() || names[names.size() - name.size() - 1] == ';'))
      continue;
    if (!names.empty()) names += ';';
    names += name;
  }
  return names;
}

// `headers` sorted by name. `query` is already the whole one, but for the signature.
std::string SignatureFor(const SigningInput& input, const std::string& query, const Headers& headers,
                         std::string_view payload_hash, const Credential& credential, const CredentialScope& scope,
                         std::string_view amz_date) {
  std::string text = input.method + "\n";
  const bool is_s3 = scope.service == "s3";
  AppendCanonicalPath(text, input.path, is_s3 ? PathRule::kEncodeOnce : PathRule::kNormaliseAndEncodeTwice);
  text += '\n';
  AppendCanonicalQuery(text, query, {});
  text += '\n';
  std::vector<std::string_view> values;
  for (size_t i = 0; i < headers.size();) {
    values.clear();
    const std::string& name = headers[i].first;
    for (; i < headers.size() && headers[i].first == name; ++i) values.push_back(headers[i].second);
    AppendCanonicalHeader(text, name, values);
  }
  text.append("\n").append(SignedHeaderNames(headers)).append("\n").append(payload_hash);
  return SignatureOf(DeriveSigningKey(credential.secret_access_key, scope),
                     StringToSign(amz_date, scope.ToString(), text));
}

void SortByName(Headers& headers) {
  std::stable_sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
}

}  // namespace

Headers SignRequest(const SigningInput& input, const Credential& credential, const CredentialScope& scope,
                    Instant now) {
  Headers added{{"x-amz-date", now.ToBasicIso8601()}, {"x-amz-content-sha256", input.payload_hash}};
  if (!credential.session_token.empty()) added.emplace_back("x-amz-security-token", credential.session_token);

  Headers covered = input.headers;
  covered.insert(covered.end(), added.begin(), added.end());
  covered.emplace_back("host", input.host);
  SortByName(covered);
  const std::string signature =
      SignatureFor(input, input.query, covered, input.payload_hash, credential, scope, added.front().second);
  added.emplace_back("authorization",
                     fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kSigningAlgorithm,
                                 credential.access_key_id, scope.ToString(), SignedHeaderNames(covered), signature));
  return added;
}

std::string PresignQuery(const SigningInput& input, const Credential& credential, const CredentialScope& scope,
                         Instant now, std::chrono::seconds expires) {
  CHECK(expires > std::chrono::seconds(0) && expires <= kPresignedExpiryMax);
  Headers covered = input.headers;
  covered.emplace_back("host", input.host);
  SortByName(covered);

  std::string query = input.query;
  const auto add = [&query](std::string_view name, std::string_view value) {
    if (!query.empty()) query += '&';
    query.append(name).append("=").append(PercentEncode(value, Slash::kEncode));
  };
  const std::string amz_date = now.ToBasicIso8601();
  add("X-Amz-Algorithm", kSigningAlgorithm);
  add("X-Amz-Credential", credential.access_key_id + "/" + scope.ToString());
  add("X-Amz-Date", amz_date);
  add("X-Amz-Expires", std::to_string(expires.count()));
  if (!credential.session_token.empty()) add("X-Amz-Security-Token", credential.session_token);
  add("X-Amz-SignedHeaders", SignedHeaderNames(covered));
  const std::string_view payload_hash = input.payload_hash.empty() ? kUnsignedPayload : input.payload_hash;
  const std::string signature = SignatureFor(input, query, covered, payload_hash, credential, scope, amz_date);
  add("X-Amz-Signature", signature);
  return query;
}

}  // namespace meetinity::wire
