#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace meetinity::edge {

// Whether `name` is in a table of names in ascending order.
template <size_t N>
bool Contains(const std::array<std::string_view, N>& sorted, std::string_view name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

}  // namespace meetinity::edge
