#include "stack/hcl_lexer.h"

#include <fmt/format.h>

#include <vector>

#include "base/text.h"

namespace meetinity::stack {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsIdentifierStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsIdentifierPart(char c) { return IsIdentifierStart(c) || IsDigit(c) || c == '-'; }
bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendUtf8(std::string& out, uint32_t code) {
  const auto byte = [&out](uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6)), byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18)), byte(0x80 | ((code >> 12) & 0x3F)), byte(0x80 | ((code >> 6) & 0x3F)),
        byte(0x80 | (code & 0x3F));
  }
}

std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

size_t Indentation(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t");
  return first == std::string_view::npos ? line.size() : first;
}

// "<<-" removes the indentation that all lines share.
void RemoveSharedIndentation(std::vector<std::string>& lines) {
  size_t shared = std::string::npos;
  for (const std::string& line : lines) {
    if (Indentation(line) < line.size()) shared = std::min(shared, Indentation(line));
  }
  if (shared == std::string::npos) return;
  for (std::string& line : lines) line.erase(0, std::min(shared, line.size()));
}

}  // namespace

void HclLexer::Advance() {
  if (text_[offset_] == '\n') {
    ++at_.line;
    at_.column = 1;
    ++offset_;
    return;
  }
  ++offset_;
  while (!AtEnd() && IsContinuationByte(text_[offset_])) ++offset_;
  ++at_.column;
}

bool HclLexer::TakeIf(std::string_view text) {
  if (text_.substr(offset_, text.size()) != text) return false;
  for (size_t i = 0; i < text.size(); ++i) Advance();
  return true;
}

Status HclLexer::SkipBlanksAndComments() {
  while (!AtEnd()) {
    if (Peek() == ' ' || Peek() == '\t' || Peek() == '\r') {
      Advance();
    } else if (Peek() == '#' || (Peek() == '/' && Peek(1) == '/')) {
      while (!AtEnd() && Peek() != '\n') Advance();
    } else if (Peek() == '/' && Peek(1) == '*') {
      const Position opened = at_;
      while (!TakeIf("*/")) {
        if (AtEnd()) return Fail(opened, "this comment is never closed; end it with */");
        Advance();
      }
    } else {
      return {};
    }
  }
  return {};
}

Result<Token> HclLexer::Next() {
  TRY(SkipBlanksAndComments());
  const Position at = at_;
  if (AtEnd()) return Token{TokenKind::kEnd, "", at};
  const char c = Peek();
  static constexpr std::pair<char, TokenKind> kPunctuation[] = {
      {'\n', TokenKind::kNewline},  {'=', TokenKind::kEquals},      {':', TokenKind::kColon},
      {',', TokenKind::kComma},     {'[', TokenKind::kOpenBracket}, {']', TokenKind::kCloseBracket},
      {'{', TokenKind::kOpenBrace}, {'}', TokenKind::kCloseBrace},
  };
  for (const auto& [character, kind] : kPunctuation) {
    if (c != character) continue;
    Advance();
    return Token{kind, std::string(1, c), at};
  }
  if (c == '"') return TakeQuoted(at);
  if (c == '<' && Peek(1) == '<') return TakeHeredoc(at);
  if (IsDigit(c) || c == '-') return TakeNumber(at);
  if (IsIdentifierStart(c)) return TakeIdentifier(at);
  return Fail(at, static_cast<unsigned char>(c) < 0x20 || c == 0x7F
                      ? fmt::format("control character 0x{:02x} is not allowed here", static_cast<unsigned char>(c))
                      : fmt::format("'{}' cannot stand here; a variables file holds only literals",
                                    static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "this character"));
}

Result<Token> HclLexer::TakeQuoted(Position at) {
  Advance();
  std::string value;
  while (true) {
    if (AtEnd() || Peek() == '\n')
      return Fail(at, "this string is not closed on its line; end it with \", or use <<EOT");
    const Position here = at_;
    if (Peek() == '"') {
      Advance();
      return Token{TokenKind::kString, std::move(value), at};
    }
    if (Peek() == '\\') {
      value += TRY(TakeEscape(here));
    } else if (TakeIf("$${")) {
      value += "${";
    } else if (TakeIf("%%{")) {
      value += "%{";
    } else if ((Peek() == '$' || Peek() == '%') && Peek(1) == '{') {
      return Fail(here, "a variables file cannot interpolate; write the value itself, or $${ for a literal ${");
    } else {
      const size_t from = offset_;
      Advance();
      value += text_.substr(from, offset_ - from);
    }
  }
}

Result<std::string> HclLexer::TakeEscape(Position at) {
  Advance();
  const char c = Peek();
  if (!AtEnd()) Advance();
  switch (c) {
    case 'n':
      return std::string("\n");
    case 'r':
      return std::string("\r");
    case 't':
      return std::string("\t");
    case '"':
      return std::string("\"");
    case '\\':
      return std::string("\\");
    case 'u':
    case 'U': {
      uint32_t code = 0;
      for (int i = 0; i < (c == 'u' ? 4 : 8); ++i) {
        const int digit = HexDigit(Peek());
        if (digit < 0 || code > 0x10FFFF) return Fail(at, "\\u takes four hexadecimal digits, \\U eight");
        code = code * 16 + static_cast<uint32_t>(digit);
        Advance();
      }
      if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return Fail(at, "this is not a Unicode character");
      std::string out;
      AppendUtf8(out, code);
      return out;
    }
    default:
      return Fail(at, "unknown escape; there are \\n \\r \\t \\\" \\\\ \\uNNNN and \\UNNNNNNNN");
  }
}

Status HclLexer::RefuseTemplate(std::string_view line, Position at) const {
  for (const std::string_view opening : {"${", "%{"}) {
    for (size_t found = line.find(opening); found != std::string_view::npos; found = line.find(opening, found + 2)) {
      if (found > 0 && line[found - 1] == opening[0]) continue;
      return Fail({at.line, static_cast<int>(found) + 1},
                  "a variables file cannot interpolate; write the value itself, or $${ for a literal ${");
    }
  }
  return {};
}

Result<Token> HclLexer::TakeHeredoc(Position at) {
  TakeIf("<<");
  const bool indented = TakeIf("-");
  const size_t from = offset_;
  while (!AtEnd() && IsIdentifierPart(Peek())) Advance();
  const std::string_view marker = text_.substr(from, offset_ - from);
  while (!AtEnd() && Peek() == '\r') Advance();
  if (marker.empty() || AtEnd() || Peek() != '\n') {
    return Fail(at, "a here-document starts with <<NAME or <<-NAME at the end of its line");
  }
  Advance();
  std::vector<std::string> lines;
  while (true) {
    if (AtEnd()) return Fail(at, fmt::format("this here-document is never closed; end it with a line {}", marker));
    const Position line_at = at_;
    const size_t line_from = offset_;
    while (!AtEnd() && Peek() != '\n') Advance();
    const std::string_view line = WithoutCarriageReturn(text_.substr(line_from, offset_ - line_from));
    // The newline after the closing marker stays: it ends the attribute.
    if (Trim(line) == marker) break;
    TRY(RefuseTemplate(line, line_at));
    lines.emplace_back(line);
    if (!AtEnd()) Advance();
  }
  if (indented) RemoveSharedIndentation(lines);
  std::string value;
  for (std::string& line : lines) value += line + "\n";
  for (const std::string_view doubled : {"$${", "%%{"}) {
    for (size_t found = value.find(doubled); found != std::string::npos; found = value.find(doubled, found + 2)) {
      value.erase(found, 1);
    }
  }
  return Token{TokenKind::kString, std::move(value), at};
}

Result<Token> HclLexer::TakeNumber(Position at) {
  const size_t from = offset_;
  const auto digits = [this] {
    const size_t start = offset_;
    while (IsDigit(Peek())) Advance();
    return offset_ > start;
  };
  TakeIf("-");
  bool valid = digits();
  if (valid && Peek() == '.') Advance(), valid = digits();
  if (valid && (Peek() == 'e' || Peek() == 'E')) {
    Advance();
    if (Peek() == '+' || Peek() == '-') Advance();
    valid = digits();
  }
  if (!valid || IsIdentifierPart(Peek()) || Peek() == '.') {
    return Fail(at, "this is not a number; write it like 86400, -1 or 0.5");
  }
  return Token{TokenKind::kNumber, std::string(text_.substr(from, offset_ - from)), at};
}

Token HclLexer::TakeIdentifier(Position at) {
  const size_t from = offset_;
  while (!AtEnd() && IsIdentifierPart(Peek())) Advance();
  return Token{TokenKind::kIdentifier, std::string(text_.substr(from, offset_ - from)), at};
}

}  // namespace meetinity::stack
