#include "wire/query_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "wire/reader.h"
#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

using Parameters = std::span<const QueryParameter>;

// A prefix that grows and shrinks in place.
class Scope {
 public:
  Scope(std::string& prefix, std::string_view piece) : prefix_(prefix), size_(prefix.size()) {
    if (!prefix.empty()) prefix += '.';
    prefix += piece;
  }
  ~Scope() { prefix_.resize(size_); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  std::string& prefix_;
  size_t size_;
};

class QueryReader {
 public:
  QueryReader(Parameters parameters, Protocol protocol, Faults& faults)
      : parameters_(parameters), ec2_(protocol == Protocol::kEc2), faults_(faults) {}

  void Structure(const Shape& shape, void* structure, const PathNode& path, bool is_input, size_t depth) {
    if (depth > kNestingMax) return faults_.Malformed("The parameters nest too deeply");
    SeenMembers seen;
    for (const Member& member : shape.members) {
      if (is_input) faults_.SetTopMember(&member);
      if (MemberValue(member, structure, path, depth)) seen.set(IndexOf(shape, member));
    }
    NoteMissing(shape, seen, path, is_input, faults_);
  }

 private:
  bool MemberValue(const Member& member, void* structure, const PathNode& path, size_t depth) {
    const PathNode here{.parent = &path, .name = member.name};
    // A flattened list whose entries have a name is numbered under that name, which query_name already is.
    const Scope scope(prefix_, member.query_name);
    if (!IsPresent()) return false;
    Value(*member.shape, member.Emplace(structure), here, member.flattened, depth);
    return true;
  }

  Parameters Under(std::string_view prefix) const {
    const auto begin = std::ranges::lower_bound(parameters_, prefix, {}, &QueryParameter::first);
    auto end = begin;
    while (end != parameters_.end() && std::string_view(end->first).starts_with(prefix)) ++end;
    return {begin, end};
  }

  const std::string* Exact() const {
    const auto found = std::ranges::lower_bound(parameters_, prefix_, {}, &QueryParameter::first);
    return found != parameters_.end() && found->first == prefix_ ? &found->second : nullptr;
  }

  // Something at the prefix itself ("Tags=", an empty list) or below it ("Tags.").
  bool IsPresent() const {
    if (Exact()) return true;
    const auto below = std::ranges::lower_bound(parameters_, prefix_ + '.', {}, &QueryParameter::first);
    return below != parameters_.end() && std::string_view(below->first).starts_with(prefix_ + '.');
  }

  void Value(const Shape& shape, void* value, const PathNode& path, bool flattened, size_t depth) {
    switch (shape.kind) {
      case ShapeKind::kStructure:
        return Structure(shape, value, path, false, depth + 1);
      case ShapeKind::kList:
        return List(shape, value, path, flattened, depth);
      case ShapeKind::kMap:
        return Map(shape, value, path, flattened, depth);
      default: {
        const std::string* text = Exact();
        if (!text || !IsValidUtf8(*text) || !DecodeText(shape, TimestampFormat::kProtocolDefault, *text, value)) {
          faults_.Type(path, shape, text && IsValidUtf8(*text) ? std::string_view(*text) : std::string_view());
        }
      }
    }
  }

  // The numbers N of the parameters "<prefix>.N" and "<prefix>.N.…", ascending.
  std::vector<uint64_t> Numbers() const {
    const std::string under = prefix_ + '.';
    std::vector<uint64_t> numbers;
    for (const auto& [name, unused] : Under(under)) {
      const std::string_view rest = std::string_view(name).substr(under.size());
      const std::optional<uint64_t> number = ParseUnsigned(rest.substr(0, rest.find('.')));
      if (number && (numbers.empty() || numbers.back() != *number)) numbers.push_back(*number);
    }
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
  }

  void List(const Shape& shape, void* list, const PathNode& path, bool flattened, size_t depth) {
    if (ec2_ || flattened || shape.flattened) return Entries(shape, list, path, depth);
    // Some clients write "member" where the model has another name for the entries.
    for (const std::string_view name : {shape.element_name, std::string_view("member")}) {
      const Scope scope(prefix_, name);
      Entries(shape, list, path, depth);
      if (name == "member" || shape.list->size(list) > 0) return;
    }
  }

  void Entries(const Shape& shape, void* list, const PathNode& path, size_t depth) {
    for (const uint64_t number : Numbers()) {
      if (!budget_.Take(*shape.element, faults_)) return;
      const Scope scope(prefix_, fmt::to_string(number));
      const PathNode here{.parent = &path, .name = {}, .index = shape.list->size(list) + 1};
      Value(*shape.element, shape.list->append(list), here, false, depth + 1);
    }
  }

  void Map(const Shape& shape, void* map, const PathNode& path, bool flattened, size_t depth) {
    if (flattened || shape.flattened) return Pairs(shape, map, path, depth);
    const Scope scope(prefix_, "entry");
    Pairs(shape, map, path, depth);
  }

  void Pairs(const Shape& shape, void* map, const PathNode& path, size_t depth) {
    for (const uint64_t number : Numbers()) {
      if (!budget_.Take(*shape.element, faults_)) return;
      const Scope entry(prefix_, fmt::to_string(number));
      std::string key;
      {
        const Scope scope(prefix_, shape.key_name);
        if (const std::string* text = Exact()) key = *text;
      }
      const PathNode here{.parent = &path, .name = {}, .index = 0, .key = key};
      const Scope scope(prefix_, shape.element_name);
      Value(*shape.element, shape.map->put(map, key), here, false, depth + 1);
    }
  }

  Parameters parameters_;
  bool ec2_;
  Faults& faults_;
  EntryBudget budget_;
  std::string prefix_;
};

}  // namespace

void ReadQuery(std::span<const QueryParameter> parameters, Protocol protocol, const Shape& shape, void* input,
               Faults& faults) {
  QueryReader(parameters, protocol, faults).Structure(shape, input, PathNode{}, true, 0);
}

}  // namespace meetinity::wire
