#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "stack/hcl.h"

namespace meetinity::stack {

enum class TokenKind {
  kEnd,
  kNewline,
  kIdentifier,
  kString,  // quoted or heredoc, unescaped
  kNumber,
  kEquals,
  kColon,
  kComma,
  kOpenBracket,
  kCloseBracket,
  kOpenBrace,
  kCloseBrace,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  Position at;
};

// Cuts a file into tokens. Comments vanish; the newline that ends a '#' or '//' comment stays a token.
class HclLexer {
 public:
  HclLexer(std::string_view file_name, std::string_view text) : file_name_(file_name), text_(text) {}
  Result<Token> Next();

 private:
  bool AtEnd() const { return offset_ >= text_.size(); }
  char Peek(size_t ahead = 0) const { return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0'; }
  void Advance();  // one character, a whole UTF-8 sequence counting one column
  bool TakeIf(std::string_view text);
  Status SkipBlanksAndComments();
  Result<Token> TakeQuoted(Position at);
  Result<std::string> TakeEscape(Position at);
  Result<Token> TakeHeredoc(Position at);
  Result<Token> TakeNumber(Position at);
  Token TakeIdentifier(Position at);
  Status RefuseTemplate(std::string_view line, Position at) const;
  Error Fail(Position at, std::string_view message) const { return HclError(file_name_, at, message); }

  std::string_view file_name_;
  std::string_view text_;
  size_t offset_ = 0;
  Position at_;
};

}  // namespace meetinity::stack
