#pragma once

#include "wire/codec.h"

namespace meetinity::wire {

// Finds a REST operation by method, path and query: S3's by bucket, key and sub-resource, the others' by template.
Result<Route> FindRestRoute(const ServiceShape& service, Protocol protocol, const ProtocolRequest& request);

}  // namespace meetinity::wire
