#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/shape.h"

// What a service answers to an operation it does not have, or that we do not serve.
namespace meetinity::wire {

Error UnknownOperation(const ServiceShape& service, Protocol protocol, std::string_view operation);
// Names the operation and says where to look. Clients do not retry it.
Error NotServed(const ServiceShape& service, Protocol protocol, const OperationShape& operation);

}  // namespace meetinity::wire
