#include "stack/hcl.h"

#include <gtest/gtest.h>

namespace meetinity::stack {
namespace {

HclObject Parsed(std::string_view text) {
  Result<HclObject> file = ParseHcl("test.tfvars", text);
  EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.error().detail);
  return file.ok() ? std::move(file).value() : HclObject{};
}

std::string HclRefusal(std::string_view text) {
  const Result<HclObject> file = ParseHcl("test.tfvars", text);
  return file.ok() ? "accepted" : file.error().detail;
}

const std::string& Text(const HclAttribute& attribute) {
  static const std::string kNone = "(not a string)";
  return attribute.value.as_string() != nullptr ? *attribute.value.as_string() : kNone;
}

TEST(Hcl, ReadsEveryLiteral) {
  const HclObject file =
      Parsed("a = \"text\"\nb = -1.5e3\nc = true\nd = null\ne = [1, \"two\",]\nf = {x = 1, \"y z\": 2}\n");
  ASSERT_EQ(file.size(), 6u);
  EXPECT_EQ(Text(file[0]), "text");
  EXPECT_EQ(file[1].value.as_number()->text, "-1.5e3");
  EXPECT_TRUE(*file[2].value.as_bool());
  EXPECT_TRUE(file[3].value.is_null());
  EXPECT_EQ(file[4].value.as_list()->size(), 2u);
  EXPECT_EQ(file[5].value.as_object()->at(1).name, "y z");
}

TEST(Hcl, SkipsAllThreeKindsOfComments) {
  const HclObject file = Parsed("# one\n// two\na = 1 /* three\n lines */ # end\n/* four */ b = 2");
  ASSERT_EQ(file.size(), 2u);
  EXPECT_EQ(file[1].name, "b");
}

TEST(Hcl, NestsObjectsOverLines) {
  const HclObject file =
      Parsed("static = {\n  inner = {\n    list = [\n      \"a\",\n      \"b\"\n    ]\n  }\n  last = 1\n}\n");
  const HclObject& inner = *file[0].value.as_object()->at(0).value.as_object();
  EXPECT_EQ(inner[0].value.as_list()->size(), 2u);
}

TEST(Hcl, UnescapesStrings) {
  EXPECT_EQ(Text(Parsed(R"(a = "tab\t quote\" slash\\ \u00e9 \U0001F600 $${x} %%{y}")")[0]),
            "tab\t quote\" slash\\ \xc3\xa9 \xf0\x9f\x98\x80 ${x} %{y}");
}

TEST(Hcl, KeepsHeredocLines) { EXPECT_EQ(Text(Parsed("a = <<EOT\n  one\n two\nEOT\n")[0]), "  one\n two\n"); }

TEST(Hcl, RemovesTheSharedIndentationOfAnIndentedHeredoc) {
  EXPECT_EQ(Text(Parsed("a = <<-EOT\n    one\n      two\n\n    EOT\nb = 1\n")[0]), "one\n  two\n\n");
}

TEST(Hcl, SaysWhereAMistakeIs) {
  EXPECT_EQ(HclRefusal("a = 1\nb = \"é\" x\n"), "test.tfvars:2:9: nothing may follow the value of b on its line");
  EXPECT_TRUE(HclRefusal("a = {\n  b = yes\n}").starts_with("test.tfvars:2:7: 'yes' is not a literal"));
  EXPECT_TRUE(HclRefusal("a = \"open\n").starts_with("test.tfvars:1:5: this string is not closed"));
  EXPECT_TRUE(HclRefusal("a = <<EOT\nx\n").starts_with("test.tfvars:1:5: this here-document is never closed"));
  EXPECT_TRUE(HclRefusal("/* open").starts_with("test.tfvars:1:1: this comment is never closed"));
}

TEST(Hcl, RefusesWhatAVariablesFileCannotHold) {
  EXPECT_NE(HclRefusal("a = \"${var.b}\"").find("cannot interpolate"), std::string::npos);
  EXPECT_NE(HclRefusal("a = <<EOT\nx ${y}\nEOT\n").find("test.tfvars:2:3: "), std::string::npos);
  EXPECT_NE(HclRefusal("a {\n}\n").find("no blocks"), std::string::npos);
  EXPECT_NE(HclRefusal("a = max(1, 2)").find("'max' is not a literal"), std::string::npos);
  EXPECT_NE(HclRefusal("a = 1 + 2").find("cannot stand here"), std::string::npos);
}

TEST(Hcl, RefusesANameSetTwice) {
  EXPECT_EQ(HclRefusal("a = 1\na = 2\n"), "test.tfvars:2:1: a is already set on line 1");
}

TEST(Hcl, RefusesNumbersThatAreNone) {
  for (const char* text : {"a = 1.", "a = 1e", "a = 12x", "a = -", "a = 1.2.3"}) {
    EXPECT_NE(HclRefusal(text), "accepted") << text;
  }
}

TEST(Hcl, BoundsNestingAndSize) {
  EXPECT_NE(HclRefusal("a = " + std::string(200, '[') + std::string(200, ']')).find("nest more than"),
            std::string::npos);
  EXPECT_NE(HclRefusal("a = \"" + std::string(kHclBytesMax, 'x') + "\"").find("more than the"), std::string::npos);
}

TEST(Hcl, RefusesBytesThatAreNotUtf8) { EXPECT_NE(HclRefusal("a = \"\xff\"").find("not UTF-8"), std::string::npos); }

}  // namespace
}  // namespace meetinity::stack
