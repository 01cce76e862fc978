#include "wire/stored_form.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace meetinity::wire {
namespace {

using nlohmann::json;

json ToJson(const Shape& shape, const void* value);

json StructureToJson(const Shape& shape, const void* value) {
  json object = json::object();
  for (const Member& member : shape.members) {
    if (const void* held = member.Find(value)) object[std::string(member.name)] = ToJson(*member.shape, held);
  }
  return object;
}

json MapToJson(const Shape& shape, const void* value) {
  struct Context {
    const Shape& element;
    json object = json::object();
  } context{*shape.element};
  shape.map->each(value, &context, [](void* opaque, const std::string& key, const void* held) {
    auto& into = *static_cast<Context*>(opaque);
    into.object[key] = ToJson(into.element, held);
  });
  return std::move(context.object);
}

json ToJson(const Shape& shape, const void* value) {
  switch (shape.kind) {
    case ShapeKind::kString:
      return *static_cast<const std::string*>(value);
    // JSON text is UTF-8, and a blob is any bytes.
    case ShapeKind::kBlob:
      return Base64Encode(*static_cast<const std::string*>(value));
    case ShapeKind::kBoolean:
      return *static_cast<const bool*>(value);
    case ShapeKind::kInteger:
      return *static_cast<const int32_t*>(value);
    case ShapeKind::kLong:
      return *static_cast<const int64_t*>(value);
    case ShapeKind::kDouble:
      return *static_cast<const double*>(value);
    case ShapeKind::kTimestamp:
      return static_cast<const Instant*>(value)->since_epoch().count();
    case ShapeKind::kStructure:
      return StructureToJson(shape, value);
    case ShapeKind::kMap:
      return MapToJson(shape, value);
    case ShapeKind::kList: {
      json list = json::array();
      for (size_t i = 0; i < shape.list->size(value); ++i) {
        list.push_back(ToJson(*shape.element, shape.list->at(value, i)));
      }
      return list;
    }
    case ShapeKind::kStream:
      break;  // bytes on their way are nobody's state
  }
  CHECK(false);
  return nullptr;
}

Error Unreadable(const Shape& shape) { return Internal(fmt::format("what is stored as {} is not one", shape.name)); }

Status FromJson(const Shape& shape, const json& from, void* value);

Status StructureFromJson(const Shape& shape, const json& from, void* value) {
  if (!from.is_object()) return Unreadable(shape);
  for (const Member& member : shape.members) {
    const auto held = from.find(member.name);
    if (held != from.end()) TRY(FromJson(*member.shape, *held, member.Emplace(value)));
  }
  return {};
}

Status ScalarFromJson(const Shape& shape, const json& from, void* value) {
  switch (shape.kind) {
    case ShapeKind::kString:
      if (!from.is_string()) return Unreadable(shape);
      *static_cast<std::string*>(value) = from.get<std::string>();
      return {};
    case ShapeKind::kBlob:
      if (!from.is_string()) return Unreadable(shape);
      *static_cast<std::string*>(value) = TRY(Base64Decode(from.get_ref<const std::string&>()));
      return {};
    case ShapeKind::kBoolean:
      if (!from.is_boolean()) return Unreadable(shape);
      *static_cast<bool*>(value) = from.get<bool>();
      return {};
    case ShapeKind::kInteger:
      if (!from.is_number_integer()) return Unreadable(shape);
      *static_cast<int32_t*>(value) = from.get<int32_t>();
      return {};
    case ShapeKind::kLong:
      if (!from.is_number_integer()) return Unreadable(shape);
      *static_cast<int64_t*>(value) = from.get<int64_t>();
      return {};
    case ShapeKind::kDouble:
      if (!from.is_number()) return Unreadable(shape);
      *static_cast<double*>(value) = from.get<double>();
      return {};
    case ShapeKind::kTimestamp:
      if (!from.is_number_integer()) return Unreadable(shape);
      *static_cast<Instant*>(value) = Instant::FromUnix(Duration(from.get<int64_t>()));
      return {};
    default:
      return Unreadable(shape);
  }
}

Status FromJson(const Shape& shape, const json& from, void* value) {
  switch (shape.kind) {
    case ShapeKind::kStructure:
      return StructureFromJson(shape, from, value);
    case ShapeKind::kList:
      if (!from.is_array()) return Unreadable(shape);
      for (const json& item : from) TRY(FromJson(*shape.element, item, shape.list->append(value)));
      return {};
    case ShapeKind::kMap:
      if (!from.is_object()) return Unreadable(shape);
      for (const auto& [key, item] : from.items()) TRY(FromJson(*shape.element, item, shape.map->put(value, key)));
      return {};
    default:
      return ScalarFromJson(shape, from, value);
  }
}

}  // namespace

std::string ToStoredForm(const Shape& shape, const void* value) { return ToJson(shape, value).dump(); }

Status FromStoredForm(const Shape& shape, std::string_view text, void* value) {
  const json from = json::parse(text, nullptr, false);
  if (from.is_discarded()) return Unreadable(shape);
  return FromJson(shape, from, value);
}

}  // namespace meetinity::wire
