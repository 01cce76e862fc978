#pragma once

#include <string>

namespace meetinity::wire {

// What a client quotes when it asks about a request.
std::string NewRequestId();    // a UUID, as most services make them
std::string NewS3RequestId();  // 16 upper-case letters and digits
std::string NewS3HostId();     // 76 characters of base64: S3's x-amz-id-2

}  // namespace meetinity::wire
