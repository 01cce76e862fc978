#pragma once

#include <string_view>

#include "base/result.h"
#include "net/tls.h"

namespace meetinity::cloudfront {

// What a security policy, such as "TLSv1.2_2021", allows viewers (Developer Guide, page "Supported protocols and
// ciphers between viewers and CloudFront"). The certificate stays empty. Refuses with InvalidViewerCertificate.
Result<net::TlsServerOptions> ToTlsOptions(std::string_view policy);

}  // namespace meetinity::cloudfront
