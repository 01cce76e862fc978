#include <gtest/gtest.h>

#include <string>

#include "aws/s3_model.h"
#include "wire/codec.h"

namespace meetinity::wire {
namespace {

Result<s3::DeleteObjectsInput> ReadDelete(std::string_view body) {
  const Route route{.protocol = Protocol::kRestXml,
                    .operation = &s3::DeleteObjects::Shape(),
                    .labels = {{"Bucket", "shop"}},
                    .parameters = {}};
  s3::DeleteObjectsInput input;
  TRY(DecodeInput(s3::Model(), route, {"POST", "/shop", {}, {}, body, {}}, &input));
  return input;
}

Result<s3::DeleteObjectsInput> ReadKey(std::string_view key) {
  return ReadDelete("<Delete><Object><Key>" + std::string(key) + "</Key></Object></Delete>");
}

std::string KeyOf(std::string_view key) {
  const auto input = ReadKey(key);
  return input.ok() ? input->delete_.objects.at(0).key : "refused: " + std::string(input.error().name);
}

TEST(XmlReader, UnderstandsReferencesAndCdata) {
  EXPECT_EQ(KeyOf("a&amp;b&lt;&#13;&#xA;&#x1F600;"), "a&b<\r\n\xF0\x9F\x98\x80");
  EXPECT_EQ(KeyOf("a<![CDATA[<&#0;>]]>b<!-- &#0; -->c"), "a<&#0;>bc");
  EXPECT_EQ(KeyOf(" "), " ");
}

TEST(XmlReader, RefusesReferencesToNoCharacter) {
  // The first would otherwise end the key: "a" would be deleted. The fourth is the first, round an integer's corner.
  for (const char* key : {"a&#0;b", "a&#x0;b", "a&#xD800;b", "a&#4294967296;b", "a&#x110000;b", "a&#;b", "a&#x;b"}) {
    EXPECT_EQ(KeyOf(key), "refused: MalformedXML") << key;
  }
}

TEST(XmlReader, RefusesDocumentTypesSoThatNoEntityGrows) {
  EXPECT_EQ(ReadDelete("<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
                       "<Delete><Object><Key>&b;</Key></Object></Delete>")
                .error()
                .name,
            "MalformedXML");
}

TEST(XmlReader, RefusesWhatNestsWithoutEnd) {
  std::string body = "<Delete>";
  for (int i = 0; i < 200'000; ++i) body += "<Object>";
  EXPECT_EQ(ReadDelete(body).error().name, "MalformedXML");
  for (int i = 0; i < 200'000; ++i) body += "</Object>";
  body += "</Delete>";
  EXPECT_FALSE(ReadDelete(body).ok());  // an Object without a Key; what is in it is skipped
}

}  // namespace
}  // namespace meetinity::wire
