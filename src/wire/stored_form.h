#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/shape.h"

// Typed values as the text that a service keeps in the store: JSON by the model's member names, absent members left
// out, times in nanoseconds. It does not follow any protocol, so that a change there never touches what was stored.
namespace meetinity::wire {

std::string ToStoredForm(const Shape& shape, const void* value);
// Members that the model does not have any more are skipped; those it gained stay as they are in `value`.
// An error means that the store holds what was never written: Internal.
Status FromStoredForm(const Shape& shape, std::string_view text, void* value);

}  // namespace meetinity::wire
