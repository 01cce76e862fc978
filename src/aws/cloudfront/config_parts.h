#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aws/cloudfront/errors.h"
#include "base/result.h"

// What every reader of a configuration asks of its parts, most of which are optional, and its refusals. Pure functions.
namespace meetinity::cloudfront {

// A text that is there and not empty: an empty one means as little as none.
inline bool IsSet(const std::optional<std::string>& text) { return text && !text->empty(); }

// The items of one of the model's lists, a Quantity with Items; 0 when either is absent.
template <class T>
size_t CountOf(const std::optional<T>& list) {
  return list && list->items ? list->items->size() : 0;
}

// Gives a member the value that AWS shows when none was sent.
template <class T>
void Default(std::optional<T>& member, T value) {
  if (!member) member = std::move(value);
}

inline Error Invalid(std::string_view name, std::string detail) {
  return Error{Kind::kInvalid, name, std::move(detail)};
}
inline Error Invalid(std::string detail) { return Invalid(kInvalidArgument, std::move(detail)); }

}  // namespace meetinity::cloudfront
