#include "aws/cloudfront/origin_signer.h"

#include "wire/sigv4.h"

namespace meetinity::cloudfront {

void OriginSigner::Sign(net::ClientRequest& request) const {
  if (behavior_ == SigningBehavior::kNoOverride && request.headers.Find("authorization")) return;
  wire::SigningInput input;
  input.method = request.method;
  input.host = request.authority;
  const size_t mark = request.target.find('?');
  input.path = request.target.substr(0, mark);
  if (mark != std::string::npos) input.query = request.target.substr(mark + 1);
  input.payload_hash = request.headers.Find("x-amz-content-sha256").value_or("UNSIGNED-PAYLOAD");
  // S3 wants every x-amz- header under the signature, also those that the viewer or the configuration added.
  for (size_t i = 0; i < request.headers.size(); ++i) {
    const net::HeaderView header = request.headers[i];
    if (header.name.starts_with("x-amz-") && header.name != "x-amz-content-sha256" && header.name != "x-amz-date" &&
        header.name != "x-amz-security-token") {
      input.headers.emplace_back(header.name, header.value);
    }
  }
  const Instant now = clock_.Now();
  const wire::CredentialScope scope{now.ToBasicIso8601().substr(0, 8), region_, "s3"};
  for (const auto& [name, value] : wire::SignRequest(input, credential_, scope, now)) request.headers.Set(name, value);
}

}  // namespace meetinity::cloudfront
