#pragma once

#include <string_view>

#include "wire/faults.h"
#include "wire/shape.h"

namespace meetinity::wire {

// Fills `structure` with the body members of `shape` from a document whose root element is called `root`. Refuses
// document type declarations, so that no entity can grow. Unknown elements are skipped. `is_input`: the structure is
// the operation's whole input, and not its payload member.
void ReadXml(std::string_view body, std::string_view root, const Shape& shape, void* structure, const PathNode& path,
             bool is_input, Faults& faults);

}  // namespace meetinity::wire
