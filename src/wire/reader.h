#pragma once

#include <bitset>
#include <string_view>

#include "wire/faults.h"
#include "wire/shape.h"

// What every body reader does alike.
namespace meetinity::wire {

// Recursive shapes (Cost Explorer's Expression) end here; nothing that a person writes nests deeper, and a thread's
// stack holds many times more.
inline constexpr size_t kNestingMax = 64;

// Structures in lists and maps of one request. CompleteMultipartUpload may name 10 000 parts; without a bound a
// megabyte of empty structures would grow into hundreds.
inline constexpr size_t kEntriesMax = 20'000;

class EntryBudget {
 public:
  // Whether one more entry of this shape may be made.
  bool Take(const Shape& element, Faults& faults) {
    const bool is_small =
        element.kind != ShapeKind::kStructure && element.kind != ShapeKind::kList && element.kind != ShapeKind::kMap;
    if (is_small || ++taken_ <= kEntriesMax) return true;
    if (taken_ == kEntriesMax + 1) faults.Malformed("The request has too many entries");
    return false;
  }

 private:
  size_t taken_ = 0;
};

using SeenMembers = std::bitset<kMembersMax>;

inline size_t IndexOf(const Shape& shape, const Member& member) {
  return static_cast<size_t>(&member - shape.members.data());
}

// Notes the required members that were not seen. `is_input`: the structure is the whole input.
inline void NoteMissing(const Shape& shape, const SeenMembers& seen, const PathNode& path, bool is_input,
                        Faults& faults) {
  for (const Member& member : shape.members) {
    if (!member.required || seen[IndexOf(shape, member)]) continue;
    if (is_input) {
      if (member.location != Location::kBody) continue;  // whoever reads the head notes those
      faults.SetTopMember(&member);
    }
    faults.Missing(path, member);
  }
}

}  // namespace meetinity::wire
