#pragma once

#include <string_view>

#include "wire/faults.h"
#include "wire/shape.h"

namespace meetinity::wire {

// Fills `structure` with the members of `shape` from one CBOR map (RFC 8949), in one pass and without a tree. An empty
// body is an empty map. Unknown members, nulls and undefined are skipped; timestamps are tag 1.
void ReadCbor(std::string_view body, const Shape& shape, void* structure, Faults& faults);

}  // namespace meetinity::wire
