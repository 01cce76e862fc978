#include "engine/edge/conditional.h"

#include "base/text.h"

namespace meetinity::edge {
namespace {

std::string_view WithoutWeakMark(std::string_view etag) { return etag.starts_with("W/") ? etag.substr(2) : etag; }

// Walks the list by its quotes, since a comma may stand inside an entity tag.
bool AnyMatches(std::string_view list, std::string_view etag) {
  const std::string_view wanted = WithoutWeakMark(etag);
  while (!list.empty()) {
    const size_t open = list.find('"');
    if (open == std::string_view::npos) return false;
    const size_t close = list.find('"', open + 1);
    if (close == std::string_view::npos) return false;
    if (list.substr(open, close - open + 1) == wanted) return true;
    list.remove_prefix(close + 1);
  }
  return false;
}

}  // namespace

bool IsNotModified(const Validators& stored, std::string_view if_none_match, std::string_view if_modified_since) {
  if (!if_none_match.empty()) {
    if (Trim(if_none_match) == "*") return true;
    return !stored.etag.empty() && AnyMatches(if_none_match, stored.etag);
  }
  if (if_modified_since.empty() || !stored.last_modified) return false;
  const Result<Instant> since = Instant::ParseHttpDate(if_modified_since);
  return since.ok() && *stored.last_modified <= *since;
}

bool IfRangeHolds(const Validators& stored, std::string_view if_range) {
  if (if_range.empty()) return true;
  if (if_range.front() == '"') return if_range == stored.etag;
  if (if_range.starts_with("W/")) return false;
  const Result<Instant> date = Instant::ParseHttpDate(if_range);
  return date.ok() && stored.last_modified == *date;
}

}  // namespace meetinity::edge
