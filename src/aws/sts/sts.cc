#include "aws/sts/sts.h"

namespace meetinity::sts {

void Sts::Register(wire::ServiceHost& host) {
  host.Serve<sts::GetCallerIdentity>(
      [this](const wire::Call& call, const GetCallerIdentityInput& in) { return GetCallerIdentity(call, in); });
}

Result<GetCallerIdentityOutput> Sts::GetCallerIdentity(const wire::Call& call, const GetCallerIdentityInput&) const {
  const wire::Principal& caller = call.principal;
  return GetCallerIdentityOutput{.account = caller.account, .arn = caller.arn, .user_id = caller.unique_id};
}

}  // namespace meetinity::sts
