#pragma once

#include <string>
#include <string_view>

#include "wire/shape.h"

namespace meetinity::wire {

void AppendCborText(std::string_view text, std::string& out);
void AppendCborMapHead(size_t entries, std::string& out);
// A map of the structure's members.
void AppendCbor(const Shape& shape, const void* structure, std::string& out);

}  // namespace meetinity::wire
