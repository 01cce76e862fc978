#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// How keys become a page of a listing, whatever is listed (S3 API Reference, ListObjectsV2, and User Guide,
// "Organizing objects using prefixes").
namespace meetinity::s3 {

// The smallest text that is greater than everything that begins with `prefix`; empty when there is none.
std::string PrefixEnd(std::string_view prefix);

// The smallest text greater than `key`.
std::string Successor(std::string_view key);

// "photos/2024/" for "photos/2024/a.jpg", prefix "photos/" and delimiter "/": what rolls the key up. Absent where the
// delimiter does not follow the prefix, or is empty.
std::optional<std::string> CommonPrefixOf(std::string_view key, std::string_view prefix, std::string_view delimiter);

// Where a listing goes on after `marker`, which may be a key or a common prefix that was listed already.
std::string AfterMarker(std::string_view marker, std::string_view prefix, std::string_view delimiter);

struct KeyQuery {
  std::string prefix;
  std::string delimiter;
  size_t max = 0;     // of rows and common prefixes together
  std::string start;  // nothing before it is listed
};

template <class Row>
struct KeyPage {
  std::vector<Row> rows;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next;  // where the following page starts, when there is one
  std::string last;  // the last row's key or the last common prefix

  size_t size() const { return rows.size() + common_prefixes.size(); }
};

// Calls `each` with the rows from key `from` on (inclusive), in order, until key `until` (exclusive; empty: the end) or
// until it returns false.
template <class Row>
using Scan =
    std::function<Status(const std::string& from, const std::string& until, const std::function<bool(Row)>& each)>;

// Fills one page. A common prefix is passed by seeking behind it, so the cost follows what is listed and not what is
// rolled up.
template <class Row>
Result<KeyPage<Row>> ListKeys(const KeyQuery& query, const Scan<Row>& scan) {
  KeyPage<Row> page;
  if (query.max == 0) return page;
  const std::string until = PrefixEnd(query.prefix);
  std::optional<std::string> from = std::max(query.start, query.prefix);
  while (from && !page.truncated && (until.empty() || *from < until)) {
    const std::string begin = *std::exchange(from, std::nullopt);
    TRY(scan(begin, until, [&](Row row) {
      std::optional<std::string> common = CommonPrefixOf(row.key, query.prefix, query.delimiter);
      if (page.size() == query.max) {
        page.truncated = true;
        return false;
      }
      if (!common) {
        page.last = row.key;
        page.next = Successor(row.key);
        page.rows.push_back(std::move(row));
        return true;
      }
      page.next = PrefixEnd(*common);
      if (!page.next.empty()) from = page.next;
      page.last = *common;
      page.common_prefixes.push_back(*std::move(common));
      return false;
    }));
  }
  return page;
}

}  // namespace meetinity::s3
