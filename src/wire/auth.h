#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/call.h"
#include "wire/permission.h"
#include "wire/principal.h"

namespace meetinity::wire {

// A secret that signs for a principal.
struct Credential {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;       // empty for long-lived keys; else must arrive as X-Amz-Security-Token
  std::optional<Instant> expires;  // temporary credentials: refused as ExpiredToken from then on
  Principal principal;
};

// Finds credentials by access key id. IAM implements it. Called on worker threads and reactors; must be quick and
// thread-safe (memory, not the store). Null when unknown or inactive.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  virtual std::shared_ptr<const Credential> Find(std::string_view access_key_id) const = 0;

  // A temporary credential by its id and the token that came with it; null when the token was altered, belongs to
  // another id, or what it stood for is gone. Also found once expired: FindCredential tells.
  virtual std::shared_ptr<const Credential> FindSession(std::string_view access_key_id,
                                                        std::string_view session_token) const;
};

// Whose key this is; the session token that came with it must be the key's own, or absent as with it, and not
// have expired by `now`. Refusals in S3's words (InvalidAccessKeyId, InvalidToken, ExpiredToken) or the others'
// (InvalidClientTokenId, ExpiredToken).
Result<std::shared_ptr<const Credential>> FindCredential(const CredentialSource& credentials,
                                                         std::string_view access_key_id, std::string_view session_token,
                                                         bool is_s3, Instant now);

// Decides whether `call.principal` has a permission whose action is filled in. The refusal is Kind::kUnauthorized,
// named AccessDenied. IAM implements it. Thread-safe.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual Status Authorize(const Call& call, const Permission& permission) const = 0;
};

}  // namespace meetinity::wire
