#pragma once

#include "aws/iam/iam.h"
#include "aws/sts_model.h"
#include "base/result.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::sts {

// STS: who a caller is, and credentials for a while. The sessions themselves are IAM's. Stateless and thread-safe.
//
// Authorizes by itself: AssumeRole is the role's trust policy's business as much as the caller's own policies', and AWS
// answers the others to every caller whose signature is good.
class Sts {
 public:
  // Borrows `iam` for its own life.
  explicit Sts(const iam::Iam& iam) : iam_(iam) {}

  void Register(wire::ServiceHost& host);

  // Never refused to a caller whose signature is right, whatever policies say (STS API, page "GetCallerIdentity").
  Result<GetCallerIdentityOutput> GetCallerIdentity(const wire::Call& call, const GetCallerIdentityInput& in) const;
  Result<AssumeRoleOutput> AssumeRole(const wire::Call& call, const AssumeRoleInput& in) const;
  Result<GetSessionTokenOutput> GetSessionToken(const wire::Call& call, const GetSessionTokenInput& in) const;
  Result<GetAccessKeyInfoOutput> GetAccessKeyInfo(const wire::Call& call, const GetAccessKeyInfoInput& in) const;

 private:
  const iam::Iam& iam_;
};

}  // namespace meetinity::sts
