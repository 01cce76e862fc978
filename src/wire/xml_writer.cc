#include "wire/xml_writer.h"

#include <fmt/format.h>

#include <iterator>

#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

void Open(std::string_view name, std::string& out) {
  out += '<';
  out += name;
  out += '>';
}

void Close(std::string_view name, std::string& out) {
  out += "</";
  out += name;
  out += '>';
}

// kProtocolDefault writes milliseconds always, as S3, CloudFront and EC2 do; the query services write none.
TimestampFormat DefaultFormat(Protocol protocol) {
  return protocol == Protocol::kQuery ? TimestampFormat::kIso8601 : TimestampFormat::kProtocolDefault;
}

bool IsText(const Shape& shape) { return shape.kind == ShapeKind::kString; }

}  // namespace

void AppendXmlText(std::string_view text, std::string& out) {
  size_t plain = 0;  // start of the run that needs no escape
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    if (!is_control && c != '&' && c != '<' && c != '>' && c != '"') continue;
    out += text.substr(plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "&#x{:x};", static_cast<unsigned char>(c));
    }
  }
  out += text.substr(plain);
}

void AppendXmlElement(std::string_view name, std::string_view text, std::string& out) {
  Open(name, out);
  AppendXmlText(text, out);
  Close(name, out);
}

XmlWriter::XmlWriter(Protocol protocol, std::string& out) : format_(DefaultFormat(protocol)), out_(out) {}

void XmlWriter::Root(std::string_view name, std::string_view xml_namespace, const Shape& shape, const void* structure) {
  out_ += '<';
  out_ += name;
  if (!xml_namespace.empty()) {
    out_ += " xmlns=\"";
    out_ += xml_namespace;
    out_ += '"';
  }
  Attributes(shape, structure);
  out_ += '>';
  Members(shape, structure);
  Close(name, out_);
}

void XmlWriter::Members(const Shape& shape, const void* structure) {
  for (const wire::Member& member : shape.members) {
    if (member.location != Location::kBody || member.xml_attribute) continue;
    if (const void* value = member.Find(structure)) Member(member, value);
  }
}

void XmlWriter::Member(const wire::Member& member, const void* value) {
  const Shape& shape = *member.shape;
  const bool is_collection = shape.kind == ShapeKind::kList || shape.kind == ShapeKind::kMap;
  if (is_collection && member.flattened) return Entries(member.wire_name, member, shape, value);
  Value(member.wire_name, shape, FormatOf(shape, member.timestamp_format, format_), value);
}

void XmlWriter::Entries(std::string_view name, const wire::Member& member, const Shape& shape, const void* collection) {
  if (shape.kind == ShapeKind::kList) {
    const size_t size = shape.list->size(collection);
    for (size_t i = 0; i < size; ++i) {
      Value(name, *shape.element, FormatOf(*shape.element, member.timestamp_format, format_),
            shape.list->at(collection, i));
    }
    return;
  }
  struct Context {
    XmlWriter& self;
    std::string_view name;
    const Shape& shape;
  } context{*this, name, shape};
  shape.map->each(collection, &context, [](void* raw, const std::string& key, const void* value) {
    const Context& at = *static_cast<Context*>(raw);
    at.self.MapEntry(at.name, at.shape, key, value);
  });
}

void XmlWriter::MapEntry(std::string_view name, const Shape& shape, const std::string& key, const void* value) {
  Open(name, out_);
  AppendXmlElement(shape.key_name, key, out_);
  Value(shape.element_name, *shape.element, FormatOf(*shape.element, {}, format_), value);
  Close(name, out_);
}

void XmlWriter::Value(std::string_view name, const Shape& shape, TimestampFormat format, const void* value) {
  switch (shape.kind) {
    case ShapeKind::kStructure:
      return Root(name, {}, shape, value);
    case ShapeKind::kList:
    case ShapeKind::kMap: {
      const std::string_view entry = shape.kind == ShapeKind::kMap ? "entry" : shape.element_name;
      Open(name, out_);
      Entries(entry, wire::Member{.name = {}, .wire_name = {}, .query_name = {}}, shape, value);
      return Close(name, out_);
    }
    default:
      Open(name, out_);
      if (IsText(shape))
        AppendXmlText(*static_cast<const std::string*>(value), out_);
      else
        AppendText(shape, format, value, out_);  // no other scalar's text needs an escape
      return Close(name, out_);
  }
}

void XmlWriter::Attributes(const Shape& shape, const void* structure) {
  for (const wire::Member& member : shape.members) {
    if (!member.xml_attribute) continue;
    const void* value = member.Find(structure);
    if (!value) continue;
    if (!shape.xml_prefix.empty())
      fmt::format_to(std::back_inserter(out_), " xmlns:{}=\"{}\"", shape.xml_prefix, shape.xml_namespace);
    out_ += ' ';
    out_ += member.wire_name;
    out_ += "=\"";
    AppendXmlText(*static_cast<const std::string*>(value), out_);
    out_ += '"';
  }
}

}  // namespace meetinity::wire
