#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"
#include "wire/auth.h"

namespace meetinity::wire {

// AWS Signature Version 2 in the query of an S3 request (S3 API Reference, page "Signing and Authenticating REST
// Requests (Signature Version 2)", section "Query String Request Authentication Alternative"). Regions older than 2014,
// eu-west-1 among them, still take it, and the AWS CLI's `s3 presign` writes it there unless it is told otherwise. In
// the Authorization header, where no living client writes it, it is refused.
struct QueryClaimV2 {
  std::string access_key_id;
  std::string signature;  // base64
  std::string expires;    // as sent; it is signed
  Instant expires_at;
};

// Empty when the query holds no AWSAccessKeyId. AccessDenied when the rest is missing or is no time.
Result<std::optional<QueryClaimV2>> ParseQueryClaimV2(const net::RequestHead& request);

// Who signed. `virtual_bucket` is the bucket that Host named; empty for path style. Refuses an unknown key
// (InvalidAccessKeyId), another token than the key's (InvalidToken), a time that has passed (AccessDenied) and another
// signature (SignatureDoesNotMatch). Thread-safe.
Result<std::shared_ptr<const Credential>> VerifyQueryV2(const net::RequestHead& request, const QueryClaimV2& claim,
                                                        std::string_view virtual_bucket,
                                                        const CredentialSource& credentials, Instant now);

}  // namespace meetinity::wire
