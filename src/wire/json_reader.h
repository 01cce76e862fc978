#pragma once

#include <string_view>

#include "wire/faults.h"
#include "wire/shape.h"

namespace meetinity::wire {

// Fills `structure` with the body members of `shape` from a JSON object. An empty body is an empty object. Unknown
// members and nulls are skipped.
void ReadJson(std::string_view body, const Shape& shape, void* structure, const PathNode& path, bool is_input,
              Faults& faults);

}  // namespace meetinity::wire
