#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/elbv2/errors.h"
#include "base/result.h"

// Elastic Load Balancing's way to page: PageSize bounds a page, and NextMarker is the first item of the next one.
namespace meetinity::elbv2 {

inline constexpr int32_t kPageSizeMax = 400;

template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<std::string> next_marker;
};

// `items` in listing order; `id_of` names each. ValidationError for a marker that is none.
template <class Item, class IdOf>
Result<Page<Item>> TakePage(std::vector<Item> items, const std::optional<std::string>& marker,
                            const std::optional<int32_t>& page_size, IdOf id_of) {
  if (marker && !marker->empty()) {
    const auto first =
        std::find_if(items.begin(), items.end(), [&](const Item& item) { return id_of(item) == *marker; });
    if (first == items.end()) return Invalid("The marker is not of this list, or what it names is gone; list anew");
    items.erase(items.begin(), first);
  }
  Page<Item> page;
  const auto size = static_cast<size_t>(page_size.value_or(kPageSizeMax));
  if (items.size() > size) {
    page.next_marker = std::string(id_of(items[size]));
    items.resize(size);
  }
  page.items = std::move(items);
  return page;
}

}  // namespace meetinity::elbv2
