#pragma once

#include <string>

namespace meetinity::wire {

enum class PrincipalKind { kAnonymous, kRoot, kUser, kAssumedRole, kService, kOriginAccessIdentity };

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
};

}  // namespace meetinity::wire
