#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"

namespace meetinity::wire {

enum class PrincipalKind { kAnonymous, kRoot, kUser, kAssumedRole, kService, kOriginAccessIdentity };

// What the issuer of temporary credentials keeps of a session. It travels with the principal; wire does not look
// inside.
struct SessionContext {
  virtual ~SessionContext() = default;
};

using PrincipalTags = std::map<std::string, std::string>;

// Who makes a call, established by its signature.
struct Principal {
  PrincipalKind kind = PrincipalKind::kAnonymous;
  std::string account;            // 12 digits; empty for anonymous and for a service
  std::string arn;                // arn:aws:iam::123456789012:user/alice; empty for anonymous
  std::string unique_id;          // AIDA…/AROA…:session; the account's own number for root
  std::string service;            // kService: "cloudfront.amazonaws.com"
  std::string source_arn;         // kService: on whose behalf it calls, aws:SourceArn
  std::string source_account;     // kService: aws:SourceAccount
  std::string canonical_user_id;  // kOriginAccessIdentity and root: S3's 64 hex digits
  std::string access_key_id;
  std::string role_arn;                           // kAssumedRole: the role's own ARN, aws:PrincipalArn
  std::shared_ptr<const PrincipalTags> tags;      // aws:PrincipalTag/…; null when there are none
  std::optional<Instant> session_issued;          // temporary credentials: aws:TokenIssueTime
  std::shared_ptr<const SessionContext> session;  // temporary credentials: its issuer's memory of them
};

}  // namespace meetinity::wire
