#include "wire/auth.h"

#include "base/bytes.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

Error UnknownClientToken() {
  return Error{Kind::kUnauthorized, kInvalidClientTokenId, "The security token included in the request is invalid."};
}

Error UnknownAccessKey(std::string_view access_key_id, bool is_s3) {
  if (!is_s3) return UnknownClientToken();
  return Error{Kind::kUnauthorized, kInvalidAccessKeyId,
               "The AWS Access Key Id you provided does not exist in our records."}
      .With("AWSAccessKeyId", std::string(access_key_id));
}

Error WrongToken(std::string_view session_token, bool is_s3) {
  if (!is_s3) return UnknownClientToken();
  return Error{Kind::kInvalid, kInvalidToken, "The provided token is malformed or otherwise invalid."}.With(
      "Token-0", std::string(session_token));
}

Error ExpiredToken(std::string_view session_token, bool is_s3) {
  if (!is_s3) {
    return Error{Kind::kUnauthorized, kExpiredToken, "The security token included in the request is expired"};
  }
  return Error{Kind::kInvalid, kExpiredToken, "The provided token has expired."}.With("Token-0",
                                                                                      std::string(session_token));
}

bool IsTemporary(std::string_view access_key_id) { return access_key_id.starts_with("ASIA"); }

}  // namespace

std::shared_ptr<const Credential> CredentialSource::FindSession(std::string_view access_key_id,
                                                                std::string_view session_token) const {
  std::shared_ptr<const Credential> credential = Find(access_key_id);
  if (credential == nullptr || !ConstantTimeEqual(credential->session_token, session_token)) return nullptr;
  return credential;
}

Result<std::shared_ptr<const Credential>> FindCredential(const CredentialSource& credentials,
                                                         std::string_view access_key_id, std::string_view session_token,
                                                         bool is_s3, Instant now) {
  if (session_token.empty()) {
    std::shared_ptr<const Credential> credential = credentials.Find(access_key_id);
    if (credential == nullptr) return UnknownAccessKey(access_key_id, is_s3);
    if (!credential->session_token.empty()) return WrongToken(session_token, is_s3);
    return credential;
  }
  std::shared_ptr<const Credential> credential = credentials.FindSession(access_key_id, session_token);
  if (credential == nullptr) {
    const bool known = IsTemporary(access_key_id) || credentials.Find(access_key_id) != nullptr;
    return known ? WrongToken(session_token, is_s3) : UnknownAccessKey(access_key_id, is_s3);
  }
  if (credential->expires && now >= *credential->expires) return ExpiredToken(session_token, is_s3);
  return credential;
}

}  // namespace meetinity::wire
