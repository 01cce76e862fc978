#pragma once

#include <string>
#include <string_view>

#include "wire/shape.h"

namespace meetinity::wire {

// "text" with quotes and escapes.
void AppendJsonString(std::string_view text, std::string& out);
// An object of the structure's body members. Timestamps are seconds unless the model says otherwise.
void AppendJson(const Shape& shape, const void* structure, std::string& out);

}  // namespace meetinity::wire
