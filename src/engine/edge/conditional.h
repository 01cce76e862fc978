#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace meetinity::edge {

// What a stored representation can be recognised by.
struct Validators {
  std::string_view etag;  // as served, with its quotes; empty when there is none
  std::optional<Instant> last_modified;
};

// True when the viewer's copy is still good, so that 304 answers. If-None-Match wins over If-Modified-Since and
// compares weakly. Empty views stand for absent headers.
bool IsNotModified(const Validators& stored, std::string_view if_none_match, std::string_view if_modified_since);

// True when a Range may be honoured: no If-Range, or one that names this very representation (strong comparison).
bool IfRangeHolds(const Validators& stored, std::string_view if_range);

}  // namespace meetinity::edge
