#include "wire/request_ids.h"

#include "base/bytes.h"
#include "base/random.h"

namespace meetinity::wire {

std::string NewRequestId() { return RandomUuid(); }

std::string NewS3RequestId() { return RandomText(16, kUpperAlphanumeric); }

std::string NewS3HostId() { return Base64Encode(RandomBytes(56)); }

}  // namespace meetinity::wire
