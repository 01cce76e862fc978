#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/s3_model.h"
#include "base/result.h"
#include "wire/service.h"

// Which pages of other sites may use a bucket from a browser (S3 User Guide, page "Using cross-origin resource
// sharing"). Pure: no store, no wire.
namespace meetinity::s3 {

// What PutBucketCors accepts: 1 to 100 rules, methods that S3 has, one wildcard an origin or header at the most, none
// in the headers to expose.
Status CheckCors(const CORSConfiguration& configuration);

// The first rule for a page of `origin` that wants `method` and, in a preflight, to send `headers` (as listed by
// Access-Control-Request-Headers; names are compared without case). Null: none allows it.
const CORSRule* FindCorsRule(const std::vector<CORSRule>& rules, std::string_view origin, std::string_view method,
                             std::string_view headers);

// What the browser is told when `rule` allows the request; `headers` as above, empty outside preflights.
std::vector<wire::CrossOriginHeader> CorsHeaders(const CORSRule& rule, std::string_view origin,
                                                 std::string_view headers);

}  // namespace meetinity::s3
