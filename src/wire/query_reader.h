#pragma once

#include <span>

#include "base/uri.h"
#include "wire/faults.h"
#include "wire/shape.h"

namespace meetinity::wire {

// Fills an input from the parameters of the query protocol ("Tags.member.1.Key=…"), or of ec2 ("Filter.1.Name=…"),
// which numbers without ".member". `parameters` are sorted by name. Gaps in the numbering are closed.
void ReadQuery(std::span<const QueryParameter> parameters, Protocol protocol, const Shape& shape, void* input,
               Faults& faults);

}  // namespace meetinity::wire
