#pragma once

#include "wire/faults.h"
#include "wire/shape.h"

namespace meetinity::wire {

// Checks min, max and enum of everything that `structure` holds. What is required and absent was already noticed by
// whoever decoded it: a plain member cannot tell.
void Validate(const Shape& shape, const void* structure, Faults& faults);

}  // namespace meetinity::wire
