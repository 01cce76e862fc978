#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "aws/route53/errors.h"
#include "base/result.h"
#include "base/text.h"

// Route 53's way to page: MaxItems bounds a page, and what continues a list is the first item of the next page.
namespace meetinity::route53 {

// "If you specify a value greater than 100, Route 53 returns only the first 100"; for records it is 300.
inline constexpr size_t kZonesPageMax = 100;
inline constexpr size_t kRecordSetsPageMax = 300;

// `max_items` as it was sent. InvalidInput when it is no number above 0.
inline Result<size_t> PageSize(const std::optional<std::string>& max_items, size_t page_max) {
  if (!max_items) return page_max;
  const auto number = ParseUnsigned(*max_items);
  if (!number || *number == 0) {
    return Error{Kind::kInvalid, kInvalidInput, "The maxitems parameter is a number of 1 or more"};
  }
  return static_cast<size_t>(std::min<uint64_t>(*number, page_max));
}

// Cuts `items` to a page; the item that the next page begins with, if there is one.
template <class Item>
std::optional<Item> CutPage(std::vector<Item>& items, size_t page_size) {
  if (items.size() <= page_size) return std::nullopt;
  std::optional<Item> next = std::move(items[page_size]);
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(page_size), items.end());
  return next;
}

}  // namespace meetinity::route53
