#pragma once

#include <string>
#include <string_view>

namespace meetinity::edge {

// The page that the edge itself answers with, in CloudFront's shape, so that a person can tell it from the origin's
// and name the request.
std::string RenderErrorPage(int status, std::string_view reason, std::string_view request_id);

// The small page under a redirect, for clients that do not follow it.
std::string RenderRedirectPage(int status);

// What went wrong, for statuses that come from the origin's failure.
std::string_view OriginFailureReason(int status);

}  // namespace meetinity::edge
