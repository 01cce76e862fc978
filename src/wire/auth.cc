#include "wire/auth.h"

#include "base/bytes.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

Error UnknownClientToken() {
  return Error{Kind::kUnauthorized, kInvalidClientTokenId, "The security token included in the request is invalid."};
}

}  // namespace

Result<std::shared_ptr<const Credential>> FindCredential(const CredentialSource& credentials,
                                                         std::string_view access_key_id, std::string_view session_token,
                                                         bool is_s3) {
  std::shared_ptr<const Credential> credential = credentials.Find(access_key_id);
  if (credential == nullptr) {
    if (!is_s3) return UnknownClientToken();
    return Error{Kind::kUnauthorized, kInvalidAccessKeyId,
                 "The AWS Access Key Id you provided does not exist in our records."}
        .With("AWSAccessKeyId", std::string(access_key_id));
  }
  if (!ConstantTimeEqual(credential->session_token, session_token)) {
    if (!is_s3) return UnknownClientToken();
    return Error{Kind::kInvalid, kInvalidToken, "The provided token is malformed or otherwise invalid."}.With(
        "Token-0", std::string(session_token));
  }
  return credential;
}

}  // namespace meetinity::wire
