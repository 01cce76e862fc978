#include "stack/hcl.h"

#include <fmt/format.h>

#include "base/text.h"
#include "stack/hcl_lexer.h"

namespace meetinity::stack {
namespace {

class Parser {
 public:
  Parser(std::string_view file_name, std::string_view text) : file_name_(file_name), lexer_(file_name, text) {}

  Result<HclObject> File() {
    TRY(Advance());
    HclObject file;
    while (true) {
      TRY(SkipNewlines());
      if (token_.kind == TokenKind::kEnd) return file;
      HclAttribute attribute = TRY(FileAttribute());
      TRY(RefuseTwice(file, attribute));
      file.push_back(std::move(attribute));
    }
  }

 private:
  Result<HclAttribute> FileAttribute() {
    if (token_.kind != TokenKind::kIdentifier) {
      return Fail(token_.at, "a variable's name is expected here, as in: environment = \"local\"");
    }
    HclAttribute attribute{token_.text, token_.at, {}};
    TRY(Advance());
    if (token_.kind != TokenKind::kEquals) {
      return Fail(token_.at, token_.kind == TokenKind::kOpenBrace
                                 ? fmt::format("a variables file has no blocks; write {} = {{ … }}", attribute.name)
                                 : fmt::format("'=' is expected after {}", attribute.name));
    }
    TRY(Advance());
    attribute.value = TRY(Value(0));
    if (token_.kind != TokenKind::kNewline && token_.kind != TokenKind::kEnd) {
      return Fail(token_.at, fmt::format("nothing may follow the value of {} on its line", attribute.name));
    }
    return attribute;
  }

  Result<HclValue> Value(int depth) {
    if (depth > kHclDepthMax) return Fail(token_.at, fmt::format("values nest more than {} deep", kHclDepthMax));
    const Token token = token_;
    switch (token.kind) {
      case TokenKind::kString:
        TRY(Advance());
        return HclValue{token.text, token.at};
      case TokenKind::kNumber:
        TRY(Advance());
        return HclValue{HclNumber{token.text}, token.at};
      case TokenKind::kOpenBracket:
        return List(depth);
      case TokenKind::kOpenBrace:
        return Object(depth);
      case TokenKind::kIdentifier:
        return Word(token);
      default:
        return Fail(token.at, "a value is expected here: a string, a number, true, false, null, [ … ] or { … }");
    }
  }

  Result<HclValue> Word(const Token& token) {
    HclValue value{std::monostate(), token.at};
    if (token.text == "true" || token.text == "false") {
      value.data = token.text == "true";
    } else if (token.text != "null") {
      return Fail(token.at, fmt::format("'{0}' is not a literal; a string is written \"{0}\"", token.text));
    }
    TRY(Advance());
    return value;
  }

  Result<HclValue> List(int depth) {
    const Position at = token_.at;
    TRY(Advance());
    HclList items;
    while (true) {
      TRY(SkipNewlines());
      if (token_.kind == TokenKind::kCloseBracket) break;
      items.push_back(TRY(Value(depth + 1)));
      TRY(SkipNewlines());
      if (token_.kind == TokenKind::kComma) {
        TRY(Advance());
      } else if (token_.kind != TokenKind::kCloseBracket) {
        return Fail(token_.at, "',' or ']' is expected here");
      }
    }
    TRY(Advance());
    return HclValue{std::move(items), at};
  }

  Result<HclValue> Object(int depth) {
    const Position at = token_.at;
    TRY(Advance());
    HclObject object;
    while (true) {
      TRY(SkipNewlines());
      if (token_.kind == TokenKind::kCloseBrace) break;
      HclAttribute attribute = TRY(ObjectAttribute(depth));
      TRY(RefuseTwice(object, attribute));
      object.push_back(std::move(attribute));
      if (token_.kind == TokenKind::kComma) {
        TRY(Advance());
      } else if (token_.kind != TokenKind::kNewline && token_.kind != TokenKind::kCloseBrace) {
        return Fail(token_.at, "',', a new line or '}' is expected here");
      }
    }
    TRY(Advance());
    return HclValue{std::move(object), at};
  }

  Result<HclAttribute> ObjectAttribute(int depth) {
    if (token_.kind != TokenKind::kIdentifier && token_.kind != TokenKind::kString) {
      return Fail(token_.at, "a key is expected here, as in: enabled = true");
    }
    HclAttribute attribute{token_.text, token_.at, {}};
    TRY(Advance());
    if (token_.kind != TokenKind::kEquals && token_.kind != TokenKind::kColon) {
      return Fail(token_.at, fmt::format("'=' is expected after {}", attribute.name));
    }
    TRY(Advance());
    attribute.value = TRY(Value(depth + 1));
    return attribute;
  }

  Status RefuseTwice(const HclObject& object, const HclAttribute& attribute) const {
    if (object.size() >= kHclKeysMax) {
      return Fail(attribute.at, fmt::format("one object may have {} keys at the most", kHclKeysMax));
    }
    for (const HclAttribute& earlier : object) {
      if (earlier.name != attribute.name) continue;
      return Fail(attribute.at, fmt::format("{} is already set on line {}", attribute.name, earlier.at.line));
    }
    return {};
  }

  Status SkipNewlines() {
    while (token_.kind == TokenKind::kNewline) TRY(Advance());
    return {};
  }

  Status Advance() {
    token_ = TRY(lexer_.Next());
    return {};
  }

  Error Fail(Position at, std::string_view message) const { return HclError(file_name_, at, message); }

  std::string_view file_name_;
  HclLexer lexer_;
  Token token_;
};

}  // namespace

std::string_view HclValue::TypeName() const {
  static constexpr std::string_view kNames[] = {"null", "a bool", "a number", "a string", "a list", "an object"};
  return kNames[data.index()];
}

Error HclError(std::string_view file_name, Position at, std::string_view message) {
  return Error{Kind::kInvalid, kInvalidVariablesFile,
               fmt::format("{}:{}:{}: {}", file_name, at.line, at.column, message)};
}

Result<HclObject> ParseHcl(std::string_view file_name, std::string_view text) {
  if (text.size() > kHclBytesMax) {
    return HclError(file_name, {},
                    fmt::format("the file has {} bytes, more than the {} allowed", text.size(), kHclBytesMax));
  }
  if (!IsValidUtf8(text)) return HclError(file_name, {}, "the file is not UTF-8");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Parser(file_name, text).File();
}

}  // namespace meetinity::stack
