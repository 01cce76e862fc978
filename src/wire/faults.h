#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/shape.h"

// What is wrong with an input, collected while it is decoded and validated, and worded once at the end as the service
// would word it.
namespace meetinity::wire {

// Where in the input we are: a chain on the stack, rendered only when something is wrong.
struct PathNode {
  const PathNode* parent = nullptr;
  std::string_view name = {};  // a member's; empty for an entry
  size_t index = 0;            // of a list's entry, from 1
  std::string_view key = {};   // of a map's entry

  // "tags.2.member.key", with the lower-case first letters that AWS writes here.
  std::string ToString() const;
};

enum class FaultKind {
  kMalformed,   // not XML, JSON, CBOR at all, or beyond a bound
  kType,        // an integer that is none, a base64 that is none
  kMissing,     // required
  kConstraint,  // min, max, enum
};

struct Fault {
  FaultKind kind;
  std::string path;                // empty for kMalformed
  std::string text;                // kMalformed, kType: what is wrong; kConstraint: "Member must …"
  std::string value;               // as sent; empty when sensitive or not a scalar
  const Member* member = nullptr;  // of the input structure, above the place of the fault
  const Shape* shape = nullptr;    // of the faulty value
};

class Faults {
 public:
  // Enough for a person; more would let a request make the answer long.
  static constexpr size_t kMax = 10;

  void SetTopMember(const Member* member) { top_ = member; }
  void Malformed(std::string text);
  void Type(const PathNode& path, const Shape& shape, std::string_view value);
  void Missing(const PathNode& parent, const Member& member);
  void Constraint(const PathNode& path, const Shape& shape, std::string_view value, std::string text);

  bool empty() const { return faults_.empty(); }
  const std::vector<Fault>& all() const { return faults_; }

 private:
  void Add(Fault fault);

  std::vector<Fault> faults_;
  const Member* top_ = nullptr;
};

// The refusal that this service gives for these faults; there is at least one.
Error ToRefusal(const ServiceShape& service, Protocol protocol, const Faults& faults);

}  // namespace meetinity::wire
