#pragma once

#include <string>
#include <string_view>

#include "wire/shape.h"

namespace meetinity::wire {

inline constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

// Escapes for element content and for attributes. Control characters, which XML 1.0 cannot hold, become character
// references all the same, as S3 has them: a client that asks for such keys unencoded gets what is there.
void AppendXmlText(std::string_view text, std::string& out);
// <name>text</name>
void AppendXmlElement(std::string_view name, std::string_view text, std::string& out);

// Writes values as XML of the query, ec2 and rest-xml protocols.
class XmlWriter {
 public:
  XmlWriter(Protocol protocol, std::string& out);

  // <name xmlns="…">members</name>; `xml_namespace` may be empty.
  void Root(std::string_view name, std::string_view xml_namespace, const Shape& shape, const void* structure);
  // The body members alone.
  void Members(const Shape& shape, const void* structure);
  void Value(std::string_view name, const Shape& shape, TimestampFormat format, const void* value);

 private:
  void Member(const wire::Member& member, const void* value);
  void Entries(std::string_view name, const wire::Member& member, const Shape& shape, const void* collection);
  void MapEntry(std::string_view name, const Shape& shape, const std::string& key, const void* value);
  void Attributes(const Shape& shape, const void* structure);

  TimestampFormat format_;
  std::string& out_;
};

}  // namespace meetinity::wire
