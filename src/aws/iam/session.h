#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aws/iam/policy.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "store/sealer.h"
#include "wire/principal.h"

// Temporary credentials. Nothing of them is stored: the session token carries all that they are, sealed, so that they
// outlive a restart and cost nothing until they are used.
namespace meetinity::iam {

// What a session token says. Only this cloud can write one or read it.
struct Session : wire::SessionContext {
  std::string access_key_id;  // ASIA…; sealed in as the token's context, so a token opens only beside its own id
  std::string secret_access_key;
  std::string role_id;     // AssumeRole: AROA…, else empty
  std::string name;        // AssumeRole: the session's
  std::string parent_key;  // GetSessionToken: the long-lived key that asked; the session ends with it
  Instant issued, expires;
  std::optional<std::string> policy;     // inline session policy
  std::vector<std::string> policy_arns;  // managed session policies
  wire::PrincipalTags tags;              // session tags, over the role's own
  std::set<std::string> transitive_tags;
  std::optional<PolicyDocument> parsed_policy;

  bool is_limited() const { return policy || !policy_arns.empty(); }
};
using SessionPtr = std::shared_ptr<const Session>;

// Writes session tokens and reads them. Thread-safe.
class SessionTokens {
 public:
  explicit SessionTokens(const store::Sealer& sealer) : sealer_(sealer) {}

  Result<std::string> Seal(const Session& session) const;
  // Null for a token that is not this id's, or not ours.
  SessionPtr Open(std::string_view access_key_id, std::string_view token) const;

 private:
  // Sessions in use at a time; past it any goes, and its next request opens the token anew. Each is under 16 KiB.
  static constexpr size_t kOpenedMax = 4096;
  struct Opened {
    std::string token;
    SessionPtr session;
  };

  const store::Sealer& sealer_;
  mutable Guarded<std::unordered_map<std::string, Opened>> opened_;
};

// What the caller of AssumeRole asks for; values that the model's constraints have admitted.
struct RoleSessionRequest {
  std::string role_arn;
  std::string session_name;
  std::optional<int32_t> seconds;
  std::optional<std::string> external_id;
  std::optional<std::string> policy;
  std::vector<std::string> policy_arns;
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::string> transitive_tags;
};

struct IssuedSession {
  std::string access_key_id, secret_access_key, session_token;
  Instant expires;
  std::string arn;        // arn:aws:sts::123456789012:assumed-role/deploy/session
  std::string unique_id;  // AROA…:session
  int32_t packed_percent = 0;
};

}  // namespace meetinity::iam
