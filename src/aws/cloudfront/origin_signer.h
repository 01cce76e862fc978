#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "engine/edge/config.h"
#include "wire/auth.h"

namespace meetinity::cloudfront {

// Developer Guide, page "Restrict access to an Amazon S3 origin", Advanced settings for origin access control.
enum class SigningBehavior { kAlways, kNoOverride };

// Signs the edge's requests to a bucket with SigV4, as S3 asks of everybody. The body of an upload is covered by the
// hash that the viewer sent, if it sent one. Thread-safe.
class OriginSigner : public edge::RequestSigner {
 public:
  OriginSigner(wire::Credential credential, std::string region, SigningBehavior behavior, const Clock& clock)
      : credential_(std::move(credential)), region_(std::move(region)), behavior_(behavior), clock_(clock) {}
  void Sign(net::ClientRequest& request) const override;

 private:
  wire::Credential credential_;
  std::string region_;
  SigningBehavior behavior_;
  const Clock& clock_;
};

}  // namespace meetinity::cloudfront
