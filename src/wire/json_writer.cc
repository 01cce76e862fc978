#include "wire/json_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

void AppendValue(const Shape& shape, TimestampFormat format, const void* value, std::string& out);

void AppendList(const Shape& shape, TimestampFormat format, const void* list, std::string& out) {
  out += '[';
  const size_t size = shape.list->size(list);
  for (size_t i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    AppendValue(*shape.element, format, shape.list->at(list, i), out);
  }
  out += ']';
}

void AppendMap(const Shape& shape, TimestampFormat format, const void* map, std::string& out) {
  struct Context {
    const Shape& element;
    TimestampFormat format;
    std::string& out;
    bool first = true;
  } context{*shape.element, format, out};
  out += '{';
  shape.map->each(map, &context, [](void* raw, const std::string& key, const void* value) {
    Context& at = *static_cast<Context*>(raw);
    if (!at.first) at.out += ',';
    at.first = false;
    AppendJsonString(key, at.out);
    at.out += ':';
    AppendValue(at.element, at.format, value, at.out);
  });
  out += '}';
}

void AppendQuoted(const Shape& shape, TimestampFormat format, const void* value, std::string& out) {
  out += '"';
  AppendText(shape, format, value, out);
  out += '"';
}

void AppendValue(const Shape& shape, TimestampFormat of_member, const void* value, std::string& out) {
  switch (shape.kind) {
    case ShapeKind::kStructure:
      return AppendJson(shape, value, out);
    case ShapeKind::kList:
      return AppendList(shape, of_member, value, out);
    case ShapeKind::kMap:
      return AppendMap(shape, of_member, value, out);
    case ShapeKind::kString:
      return AppendJsonString(*static_cast<const std::string*>(value), out);
    case ShapeKind::kBlob:
      return AppendQuoted(shape, {}, value, out);
    case ShapeKind::kTimestamp: {
      const TimestampFormat format = FormatOf(shape, of_member, TimestampFormat::kUnixSeconds);
      if (format == TimestampFormat::kUnixSeconds) return AppendUnixSeconds(*static_cast<const Instant*>(value), out);
      return AppendQuoted(shape, format, value, out);
    }
    case ShapeKind::kDouble:
      if (!std::isfinite(*static_cast<const double*>(value))) return AppendQuoted(shape, {}, value, out);
      return AppendText(shape, {}, value, out);
    default:
      return AppendText(shape, {}, value, out);
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  size_t plain = 0;  // start of the run that needs no escape
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != '\x7F') continue;
    out += text.substr(plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    }
  }
  out += text.substr(plain);
  out += '"';
}

void AppendJson(const Shape& shape, const void* structure, std::string& out) {
  out += '{';
  bool first = true;
  for (const Member& member : shape.members) {
    const void* value = member.location == Location::kBody ? member.Find(structure) : nullptr;
    if (!value) continue;
    if (!first) out += ',';
    first = false;
    AppendJsonString(member.wire_name, out);
    out += ':';
    AppendValue(*member.shape, member.timestamp_format, value, out);
  }
  out += '}';
}

}  // namespace meetinity::wire
