#include "wire/validate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

class Validator {
 public:
  explicit Validator(Faults& faults) : faults_(faults) {}

  void Structure(const Shape& shape, const void* structure, const PathNode& path, bool is_input) {
    size_t present = 0;
    for (const Member& member : shape.members) {
      const bool looks = member.shape->constrained || shape.is_union;
      const void* value = looks ? member.Find(structure) : nullptr;
      if (!value) continue;
      ++present;
      if (is_input) faults_.SetTopMember(&member);
      Value(*member.shape, value, {.parent = &path, .name = member.name});
    }
    if (shape.is_union && present != 1) {
      faults_.Constraint(path, shape, {}, "Member must have exactly one of its members set");
    }
  }

 private:
  void Value(const Shape& shape, const void* value, const PathNode& path) {
    if (!shape.constrained) return;
    switch (shape.kind) {
      case ShapeKind::kString:
      case ShapeKind::kBlob:
        return Text(shape, *static_cast<const std::string*>(value), path);
      case ShapeKind::kInteger:
        return Number(shape, *static_cast<const int32_t*>(value), path);
      case ShapeKind::kLong:
        return Number(shape, *static_cast<const int64_t*>(value), path);
      case ShapeKind::kDouble:
        return Real(shape, *static_cast<const double*>(value), path);
      case ShapeKind::kList:
        return List(shape, value, path);
      case ShapeKind::kMap:
        return Map(shape, value, path);
      case ShapeKind::kStructure:
        return Structure(shape, value, path, false);
      default:
        return;
    }
  }

  void Text(const Shape& shape, const std::string& text, const PathNode& path) {
    if (!shape.enum_values.empty()) {
      if (std::ranges::find(shape.enum_values, text) != shape.enum_values.end()) return;
      faults_.Constraint(path, shape, text,
                         fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape.enum_values, ", ")));
      return;
    }
    // Lengths count characters, not bytes; a blob's count bytes.
    size_t length = text.size();
    if (shape.kind == ShapeKind::kString) {
      length = static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
    }
    Length(shape, length, shape.kind == ShapeKind::kString ? std::string_view(text) : std::string_view(), path);
  }

  void Length(const Shape& shape, size_t size, std::string_view value, const PathNode& path) {
    const auto length = static_cast<int64_t>(size);
    if (length < shape.min) {
      faults_.Constraint(path, shape, value,
                         fmt::format("Member must have length greater than or equal to {}", shape.min));
    } else if (length > shape.max) {
      faults_.Constraint(path, shape, value,
                         fmt::format("Member must have length less than or equal to {}", shape.max));
    }
  }

  void Number(const Shape& shape, int64_t number, const PathNode& path) {
    if (number < shape.min || number > shape.max) OutOfRange(shape, number < shape.min, fmt::to_string(number), path);
  }

  void Real(const Shape& shape, double number, const PathNode& path) {
    const bool low = shape.min != kNoMin && number < static_cast<double>(shape.min);
    const bool high = shape.max != kNoMax && number > static_cast<double>(shape.max);
    if (low || high) OutOfRange(shape, low, fmt::to_string(number), path);
  }

  void OutOfRange(const Shape& shape, bool low, const std::string& value, const PathNode& path) {
    faults_.Constraint(path, shape, value,
                       low ? fmt::format("Member must have value greater than or equal to {}", shape.min)
                           : fmt::format("Member must have value less than or equal to {}", shape.max));
  }

  void List(const Shape& shape, const void* list, const PathNode& path) {
    const size_t size = shape.list->size(list);
    Length(shape, size, {}, path);
    if (!shape.element->constrained) return;
    for (size_t i = 0; i < size; ++i) {
      Value(*shape.element, shape.list->at(list, i), {.parent = &path, .name = {}, .index = i + 1});
    }
  }

  void Map(const Shape& shape, const void* map, const PathNode& path) {
    Length(shape, shape.map->size(map), {}, path);
    struct Context {
      Validator& self;
      const Shape& shape;
      const PathNode& path;
    } context{*this, shape, path};
    shape.map->each(map, &context, [](void* raw, const std::string& key, const void* value) {
      const Context& at = *static_cast<Context*>(raw);
      const PathNode here{.parent = &at.path, .name = {}, .index = 0, .key = key};
      at.self.Value(*at.shape.key, &key, here);
      at.self.Value(*at.shape.element, value, here);
    });
  }

  Faults& faults_;
};

}  // namespace

void Validate(const Shape& shape, const void* structure, Faults& faults) {
  if (shape.constrained) Validator(faults).Structure(shape, structure, PathNode{}, true);
}

}  // namespace meetinity::wire
