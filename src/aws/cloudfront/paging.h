#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// CloudFront's way to page: everything is listed in the order of an id, MaxItems bounds a page, and Marker is the last
// id of the page before.
namespace meetinity::cloudfront {

inline constexpr int32_t kPageItemsMax = 100;

// MaxItems as it was sent: 1 to 100, larger ones count as 100. InvalidArgument when it is no number.
Result<int32_t> ParseMaxItems(const std::optional<std::string>& max_items);

template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<std::string> next_marker;
};

// `items` in listing order; `id_of` names each.
template <class Item, class IdOf>
Page<Item> TakePage(std::vector<Item> items, const std::optional<std::string>& marker, int32_t max_items, IdOf id_of) {
  if (marker && !marker->empty()) {
    const auto last =
        std::find_if(items.begin(), items.end(), [&](const Item& item) { return id_of(item) == *marker; });
    if (last != items.end()) items.erase(items.begin(), last + 1);
  }
  Page<Item> page;
  if (items.size() > static_cast<size_t>(max_items)) {
    items.resize(static_cast<size_t>(max_items));
    page.next_marker = std::string(id_of(items.back()));
  }
  page.items = std::move(items);
  return page;
}

// Fills the members that all of CloudFront's lists share, but for Marker and IsTruncated, which only some have.
template <class List, class Item>
void FillList(List& list, Page<Item> page, int32_t max_items) {
  list.max_items = max_items;
  list.quantity = static_cast<int32_t>(page.items.size());
  list.next_marker = std::move(page.next_marker);
  if (!page.items.empty()) list.items = std::move(page.items);
}

}  // namespace meetinity::cloudfront
