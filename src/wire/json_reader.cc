#include "wire/json_reader.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "wire/reader.h"
#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

using Json = nlohmann::json;

// The parser keeps its state on the heap, but a tree that deep would be walked and freed by recursion.
bool NestsTooDeeply(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      // A list and the structure in it are two levels of JSON and one of the shapes.
      if (++depth > 2 * kNestingMax) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

class JsonReader {
 public:
  explicit JsonReader(Faults& faults) : faults_(faults) {}

  void Structure(const Shape& shape, const Json& object, void* structure, const PathNode& path, bool is_input) {
    SeenMembers seen;
    for (const auto& [name, json] : object.get_ref<const Json::object_t&>()) {
      const Member* member = FindMember(shape, name);
      if (!member || json.is_null()) continue;
      if (is_input) faults_.SetTopMember(member);
      seen.set(IndexOf(shape, *member));
      Value(*member->shape, json, member->Emplace(structure), {.parent = &path, .name = member->name});
    }
    NoteMissing(shape, seen, path, is_input, faults_);
  }

 private:
  static const Member* FindMember(const Shape& shape, std::string_view name) {
    for (const Member& member : shape.members) {
      if (member.location == Location::kBody && member.wire_name == name) return &member;
    }
    return nullptr;
  }

  void Value(const Shape& shape, const Json& json, void* value, const PathNode& path) {
    if (!Accepts(shape, json, value, path)) {
      faults_.Type(path, shape,
                   json.is_string() ? std::string_view(json.get_ref<const std::string&>()) : std::string_view());
    }
  }

  bool Accepts(const Shape& shape, const Json& json, void* value, const PathNode& path) {
    switch (shape.kind) {
      case ShapeKind::kStructure:
        if (!json.is_object()) return false;
        Structure(shape, json, value, path, false);
        return true;
      case ShapeKind::kList:
        return List(shape, json, value, path);
      case ShapeKind::kMap:
        return Map(shape, json, value, path);
      case ShapeKind::kString:
        if (!json.is_string()) return false;
        *static_cast<std::string*>(value) = json.get_ref<const std::string&>();
        return true;
      case ShapeKind::kBlob:
        return json.is_string() && DecodeText(shape, {}, json.get_ref<const std::string&>(), value);
      case ShapeKind::kBoolean:
        if (!json.is_boolean()) return false;
        *static_cast<bool*>(value) = json.get<bool>();
        return true;
      case ShapeKind::kInteger:
        return Integer<int32_t>(json, value);
      case ShapeKind::kLong:
        return Integer<int64_t>(json, value);
      case ShapeKind::kDouble:
        return Real(shape, json, value);
      case ShapeKind::kTimestamp:
        return Timestamp(shape, json, value);
      case ShapeKind::kStream:
        return false;
    }
    return false;
  }

  template <class Number>
  static bool Integer(const Json& json, void* value) {
    int64_t number = 0;
    if (json.is_number_unsigned()) {
      if (json.get<uint64_t>() > static_cast<uint64_t>(kNoMax)) return false;
      number = json.get<int64_t>();
    } else if (json.is_number_integer()) {
      number = json.get<int64_t>();
    } else if (json.is_number_float()) {
      // 1.0 is an integer too; JavaScript clients know no other numbers.
      const double real = json.get<double>();
      if (std::trunc(real) != real || std::fabs(real) > 9e15) return false;
      number = static_cast<int64_t>(real);
    } else {
      return false;
    }
    if (number < std::numeric_limits<Number>::min() || number > std::numeric_limits<Number>::max()) return false;
    *static_cast<Number*>(value) = static_cast<Number>(number);
    return true;
  }

  static bool Real(const Shape& shape, const Json& json, void* value) {
    if (json.is_string()) {  // "NaN", "Infinity"
      const std::string& text = json.get_ref<const std::string&>();
      return (text == "NaN" || text.ends_with("Infinity")) && DecodeText(shape, {}, text, value);
    }
    if (!json.is_number()) return false;
    *static_cast<double*>(value) = json.get<double>();
    return true;
  }

  static bool Timestamp(const Shape& shape, const Json& json, void* value) {
    if (json.is_string()) return DecodeText(shape, {}, json.get_ref<const std::string&>(), value);
    if (!json.is_number() || std::fabs(json.get<double>()) > 9e9) return false;
    *static_cast<Instant*>(value) = FromUnixSeconds(json.get<double>());
    return true;
  }

  bool List(const Shape& shape, const Json& json, void* list, const PathNode& path) {
    if (!json.is_array()) return false;
    for (const Json& entry : json) {
      if (!budget_.Take(*shape.element, faults_)) return true;
      const PathNode here{.parent = &path, .name = {}, .index = shape.list->size(list) + 1};
      Value(*shape.element, entry, shape.list->append(list), here);
    }
    return true;
  }

  bool Map(const Shape& shape, const Json& json, void* map, const PathNode& path) {
    if (!json.is_object()) return false;
    for (const auto& [key, entry] : json.get_ref<const Json::object_t&>()) {
      if (entry.is_null()) continue;
      if (!budget_.Take(*shape.element, faults_)) return true;
      Value(*shape.element, entry, shape.map->put(map, key), {.parent = &path, .name = {}, .index = 0, .key = key});
    }
    return true;
  }

  Faults& faults_;
  EntryBudget budget_;
};

}  // namespace

void ReadJson(std::string_view body, const Shape& shape, void* structure, const PathNode& path, bool is_input,
              Faults& faults) {
  if (body.empty()) body = "{}";
  if (NestsTooDeeply(body)) return faults.Malformed("The JSON nests too deeply");
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return faults.Malformed("The body is not a JSON object");
  JsonReader(faults).Structure(shape, json, structure, path, is_input);
}

}  // namespace meetinity::wire
