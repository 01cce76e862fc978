#include "wire/xml_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <pugixml.hpp>

#include "base/text.h"
#include "wire/reader.h"
#include "wire/scalar.h"

namespace meetinity::wire {
namespace {

// White space inside an element that holds nothing else is a value: S3's <Delimiter> </Delimiter>. A document type is
// parsed only in order to be refused.
constexpr unsigned kParseFlags = pugi::parse_escapes | pugi::parse_cdata | pugi::parse_eol |
                                 pugi::parse_wconv_attribute | pugi::parse_ws_pcdata_single | pugi::parse_doctype;

std::string_view LocalName(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The value of the character reference that `rest` starts with, behind "&#"; nothing when it is none, or when it is for
// no character of Unicode.
std::optional<uint32_t> ReferencedCharacter(std::string_view rest) {
  const bool is_hex = rest.starts_with('x');
  if (is_hex) rest.remove_prefix(1);
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, is_hex ? 16 : 10);
  if (error != std::errc() || end == rest.data() + rest.size() || *end != ';') return std::nullopt;
  if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return std::nullopt;
  return value;
}

// The parser wraps numbers round, makes halves of surrogate pairs into what is not UTF-8, and ends a text at a NUL: a
// client would be told that "a" was deleted when it sent "a&#0;b". So such references are refused before.
bool ReferencesCharactersOnly(std::string_view body) {
  for (size_t at = body.find_first_of("&<"); at != std::string_view::npos; at = body.find_first_of("&<", at + 1)) {
    const std::string_view rest = body.substr(at);
    if (rest.starts_with("&#") && !ReferencedCharacter(rest.substr(2))) return false;
    // Inside these an ampersand is itself.
    if (rest.starts_with("<![CDATA[")) at = body.find("]]>", at);
    if (rest.starts_with("<!--")) at = body.find("-->", at);
    if (at == std::string_view::npos) break;
  }
  return body.find('\0') == std::string_view::npos;
}

class XmlReader {
 public:
  explicit XmlReader(Faults& faults) : faults_(faults) {}

  void Structure(const Shape& shape, pugi::xml_node node, void* structure, const PathNode& path, bool is_input,
                 size_t depth) {
    if (depth > kNestingMax) return faults_.Malformed("The XML nests too deeply");
    SeenMembers seen;
    for (pugi::xml_node child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      const Member* member = FindMember(shape, LocalName(child.name()), false);
      if (member) Child(shape, *member, child, structure, path, is_input, seen, depth);
    }
    for (pugi::xml_attribute attribute : node.attributes()) {
      const Member* member = FindMember(shape, attribute.name(), true);
      if (!member || seen[IndexOf(shape, *member)]) continue;
      seen.set(IndexOf(shape, *member));
      Scalar(*member->shape, attribute.value(), member->Emplace(structure), {.parent = &path, .name = member->name});
    }
    NoteMissing(shape, seen, path, is_input, faults_);
  }

 private:
  static const Member* FindMember(const Shape& shape, std::string_view name, bool is_attribute) {
    for (const Member& member : shape.members) {
      if (member.location != Location::kBody || member.xml_attribute != is_attribute) continue;
      if (member.wire_name == name) return &member;
    }
    return nullptr;
  }

  void Child(const Shape& shape, const Member& member, pugi::xml_node child, void* structure, const PathNode& path,
             bool is_input, SeenMembers& seen, size_t depth) {
    if (is_input) faults_.SetTopMember(&member);
    const PathNode here{.parent = &path, .name = member.name};
    const size_t index = IndexOf(shape, member);
    const bool first = !seen[index];
    seen.set(index);
    if (member.flattened) {
      void* collection = first ? member.Emplace(structure) : const_cast<void*>(member.Find(structure));
      if (member.shape->kind == ShapeKind::kMap)
        Entry(*member.shape, child, collection, here, depth);
      else
        Element(*member.shape, child, collection, here, depth);
    } else if (first) {
      Value(*member.shape, child, member.Emplace(structure), here, depth);
    }
  }

  void Value(const Shape& shape, pugi::xml_node node, void* value, const PathNode& path, size_t depth) {
    switch (shape.kind) {
      case ShapeKind::kStructure:
        return Structure(shape, node, value, path, false, depth + 1);
      case ShapeKind::kList:
        for (pugi::xml_node child : node.children()) {
          if (child.type() == pugi::node_element && LocalName(child.name()) == shape.element_name) {
            Element(shape, child, value, path, depth);
          }
        }
        return;
      case ShapeKind::kMap:
        for (pugi::xml_node child : node.children("entry")) Entry(shape, child, value, path, depth);
        return;
      default:
        return Text(shape, node, value, path);
    }
  }

  void Element(const Shape& shape, pugi::xml_node node, void* list, const PathNode& path, size_t depth) {
    if (!budget_.Take(*shape.element, faults_)) return;
    const PathNode here{.parent = &path, .name = {}, .index = shape.list->size(list) + 1};
    Value(*shape.element, node, shape.list->append(list), here, depth + 1);
  }

  void Entry(const Shape& shape, pugi::xml_node node, void* map, const PathNode& path, size_t depth) {
    if (!budget_.Take(*shape.element, faults_)) return;
    std::string key;
    for (pugi::xml_node child : node.children()) {
      if (LocalName(child.name()) == shape.key_name) key = child.child_value();
    }
    const PathNode here{.parent = &path, .name = {}, .index = 0, .key = key};
    void* value = shape.map->put(map, key);
    for (pugi::xml_node child : node.children()) {
      if (LocalName(child.name()) == shape.element_name) Value(*shape.element, child, value, here, depth + 1);
    }
  }

  void Text(const Shape& shape, pugi::xml_node node, void* value, const PathNode& path) {
    const pugi::xml_node first = node.first_child();
    if (!first.next_sibling()) return Scalar(shape, first.value(), value, path);
    // Text beside CDATA: several nodes, one value.
    std::string text;
    for (pugi::xml_node child : node.children()) text += child.value();
    Scalar(shape, text, value, path);
  }

  void Scalar(const Shape& shape, std::string_view text, void* value, const PathNode& path) {
    if (shape.kind != ShapeKind::kString) text = Trim(text);
    if (!DecodeText(shape, TimestampFormat::kProtocolDefault, text, value)) faults_.Type(path, shape, text);
  }

  Faults& faults_;
  EntryBudget budget_;
};

}  // namespace

void ReadXml(std::string_view body, std::string_view root, const Shape& shape, void* structure, const PathNode& path,
             bool is_input, Faults& faults) {
  if (!IsValidUtf8(body)) return faults.Malformed("The XML is not UTF-8");
  if (!ReferencesCharactersOnly(body)) return faults.Malformed("The XML refers to a character that there is not");
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(body.data(), body.size(), kParseFlags, pugi::encoding_utf8);
  if (!parsed) {
    return faults.Malformed(
        fmt::format("The XML is not well-formed: {} at byte {}", parsed.description(), parsed.offset));
  }
  for (pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) return faults.Malformed("A document type declaration is not accepted");
  }
  const pugi::xml_node top = document.document_element();
  if (LocalName(top.name()) != root) {
    return faults.Malformed(fmt::format("The root element is {}, not {}", top.name(), root));
  }
  XmlReader(faults).Structure(shape, top, structure, path, is_input, 0);
}

}  // namespace meetinity::wire
