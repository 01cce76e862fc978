#pragma once

#include "wire/codec.h"

namespace meetinity::wire {

// The headers that name the request on every answer of this protocol.
void AddRequestIds(const ServiceShape& service, Protocol protocol, const ResponseIds& ids, Encoded& encoded);

}  // namespace meetinity::wire
