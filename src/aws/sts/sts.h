#pragma once

#include "aws/sts_model.h"
#include "base/result.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::sts {

// STS: who a caller is. Stateless and thread-safe.
class Sts {
 public:
  void Register(wire::ServiceHost& host);

  // Never refused to a caller whose signature is right, whatever policies say (STS API, page "GetCallerIdentity").
  Result<GetCallerIdentityOutput> GetCallerIdentity(const wire::Call& call, const GetCallerIdentityInput& in) const;
};

}  // namespace meetinity::sts
