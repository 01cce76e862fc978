#include "wire/http_bindings.h"

#include <algorithm>

#include "base/text.h"
#include "wire/reader.h"
#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

class BindingReader {
 public:
  BindingReader(const ServiceShape& service, const Route& route, const ProtocolRequest& request, Faults& faults)
      : service_(service), route_(route), request_(request), faults_(faults) {}

  void Read(void* input) {
    const Shape& shape = *route_.operation->input;
    const PathNode root;
    for (const Member& member : shape.members) {
      if (member.location == Location::kBody) continue;
      faults_.SetTopMember(&member);
      const PathNode here{.parent = &root, .name = member.name};
      if (!ReadMember(member, input, here) && member.required) faults_.Missing(root, member);
    }
  }

 private:
  bool ReadMember(const Member& member, void* input, const PathNode& path) {
    switch (member.location) {
      case Location::kUri:
        return FromLabel(member, input, path);
      case Location::kQueryString:
        return FromQuery(member, input, path);
      case Location::kHeader:
        return FromHeader(member, input, path);
      case Location::kHeaderPrefix:
        return FromHeaders(member, input);
      default:
        return false;
    }
  }

  bool FromLabel(const Member& member, void* input, const PathNode& path) {
    const auto label = std::ranges::find(route_.labels, member.wire_name, [](const auto& l) { return l.first; });
    if (label == route_.labels.end()) return false;
    Scalar(member, label->second, member.Emplace(input), path);
    return true;
  }

  bool FromQuery(const Member& member, void* input, const PathNode& path) {
    const Shape& shape = *member.shape;
    if (shape.kind == ShapeKind::kMap) return FromWholeQuery(shape, member.Emplace(input), path);
    // No std::ranges::equal_range: clang 14 cannot compile the subrange that libstdc++ 12 returns.
    const auto end = route_.parameters.end();
    auto at = std::ranges::lower_bound(route_.parameters, member.wire_name, {}, &QueryParameter::first);
    if (at == end || at->first != member.wire_name) return false;
    if (shape.kind == ShapeKind::kList) {
      void* list = member.Emplace(input);
      for (; at != end && at->first == member.wire_name; ++at) {
        void* value = shape.list->append(list);
        if (!IsValidUtf8(at->second))
          faults_.Type(path, *shape.element, {});
        else if (!DecodeText(*shape.element, {}, at->second, value))
          faults_.Type(path, *shape.element, at->second);
      }
      return true;
    }
    const std::string& text = at->second;
    // "?max-keys=" says nothing; "?prefix=" says an empty prefix.
    if (text.empty() && shape.kind != ShapeKind::kString) return false;
    if (!IsValidUtf8(text))
      faults_.Type(path, shape, {});
    else
      Scalar(member, text, member.Emplace(input), path);
    return true;
  }

  // Every parameter that no other member takes.
  bool FromWholeQuery(const Shape& shape, void* map, const PathNode& path) {
    for (const auto& [name, text] : route_.parameters) {
      const bool is_taken = std::ranges::any_of(route_.operation->input->members, [&name = name](const Member& m) {
        return m.location == Location::kQueryString && m.wire_name == name;
      });
      if (is_taken) continue;
      void* value = shape.map->put(map, name);
      const Shape& element = *shape.element;
      if (element.kind == ShapeKind::kList) value = element.list->append(value);
      const Shape& scalar = element.kind == ShapeKind::kList ? *element.element : element;
      if (!DecodeText(scalar, {}, text, value)) faults_.Type(path, scalar, text);
    }
    return true;
  }

  bool FromHeader(const Member& member, void* input, const PathNode& path) {
    const std::optional<std::string_view> text = request_.Find(member.wire_name);
    if (!text) return false;
    const Shape& shape = *member.shape;
    if (shape.kind == ShapeKind::kList) {
      void* list = member.Emplace(input);
      for (const std::string_view piece : Split(*text, ',')) {
        if (!DecodeText(*shape.element, {}, Trim(piece), shape.list->append(list)))
          faults_.Type(path, *shape.element, piece);
      }
      return true;
    }
    // A condition with a date that is none is no condition (RFC 9110, section 13.1.3).
    if (shape.kind == ShapeKind::kTimestamp && service_.is_s3 &&
        member.wire_name.find("if-") != std::string_view::npos) {
      Instant at;
      if (DecodeText(shape, {}, *text, &at)) *static_cast<Instant*>(member.Emplace(input)) = at;
      return true;
    }
    Scalar(member, *text, member.Emplace(input), path);
    return true;
  }

  bool FromHeaders(const Member& member, void* input) {
    void* map = nullptr;
    for (const net::HeaderView& header : request_.headers) {
      if (!header.name.starts_with(member.wire_name)) continue;
      if (!map) map = member.Emplace(input);
      auto& value = *static_cast<std::string*>(
          member.shape->map->put(map, std::string(header.name.substr(member.wire_name.size()))));
      if (!value.empty()) value += ',';  // repeated fields are one list (RFC 9110, section 5.3)
      value += header.value;
    }
    return map != nullptr;
  }

  void Scalar(const Member& member, std::string_view text, void* value, const PathNode& path) {
    if (!DecodeText(*member.shape, {}, text, value)) faults_.Type(path, *member.shape, text);
  }

  const ServiceShape& service_;
  const Route& route_;
  const ProtocolRequest& request_;
  Faults& faults_;
};

std::string JoinedList(const Member& member, const void* list) {
  const Shape& shape = *member.shape;
  std::string text;
  for (size_t i = 0; i < shape.list->size(list); ++i) {
    if (i > 0) text += ',';
    AppendText(*shape.element, TimestampFormat::kHttpDate, shape.list->at(list, i), text);
  }
  return text;
}

void WriteHeader(const Member& member, const void* value, Encoded& encoded) {
  if (member.wire_name == "content-length") {
    encoded.content_length = static_cast<uint64_t>(*static_cast<const int64_t*>(value));
    return;
  }
  if (member.shape->kind == ShapeKind::kList) return encoded.headers.Set(member.wire_name, JoinedList(member, value));
  const TimestampFormat format = FormatOf(*member.shape, member.timestamp_format, TimestampFormat::kHttpDate);
  if (member.shape->kind == ShapeKind::kString) {
    encoded.headers.Set(member.wire_name, *static_cast<const std::string*>(value));
  } else {
    encoded.headers.Set(member.wire_name, ToText(*member.shape, format, value));
  }
}

void WriteHeaders(const Member& member, const void* map, Encoded& encoded) {
  struct Context {
    std::string_view prefix;
    Encoded& encoded;
  } context{member.wire_name, encoded};
  member.shape->map->each(map, &context, [](void* raw, const std::string& key, const void* value) {
    const Context& at = *static_cast<Context*>(raw);
    at.encoded.headers.Set(std::string(at.prefix) + key, *static_cast<const std::string*>(value));
  });
}

}  // namespace

void ReadBindings(const ServiceShape& service, const Route& route, const ProtocolRequest& request, void* input,
                  Faults& faults) {
  BindingReader(service, route, request, faults).Read(input);
}

void WriteBindings(const OperationShape& operation, const void* output, Encoded& encoded) {
  for (const Member& member : operation.output->members) {
    if (member.location == Location::kBody) continue;
    const void* value = member.Find(output);
    if (!value) continue;
    if (member.location == Location::kHeader)
      WriteHeader(member, value, encoded);
    else if (member.location == Location::kHeaderPrefix)
      WriteHeaders(member, value, encoded);
    else if (member.location == Location::kStatusCode)
      encoded.status = *static_cast<const int32_t*>(value);
  }
}

}  // namespace meetinity::wire
