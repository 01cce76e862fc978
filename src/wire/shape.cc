#include "wire/shape.h"

#include <algorithm>

namespace meetinity::wire {

const OperationShape* ServiceShape::FindOperation(std::string_view operation) const {
  const auto found = std::ranges::lower_bound(operations, operation, {}, &OperationShape::name);
  return found != operations.end() && found->name == operation ? &*found : nullptr;
}

const ErrorShape* ServiceShape::FindError(std::string_view shape_or_code) const {
  const auto found = std::ranges::lower_bound(errors, shape_or_code, {}, &ErrorShape::shape);
  if (found != errors.end() && found->shape == shape_or_code) return &*found;
  const auto by_code = std::ranges::find(errors, shape_or_code, &ErrorShape::code);
  return by_code != errors.end() ? &*by_code : nullptr;
}

}  // namespace meetinity::wire
