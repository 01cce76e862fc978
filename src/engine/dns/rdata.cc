#include "engine/dns/rdata.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engine/dns/errors.h"

namespace meetinity::dns {
namespace {

// A character string has one byte for its length (RFC 1035, section 3.3).
constexpr size_t kCharacterStringMax = 255;

Error Wrong(std::string detail) { return Error{Kind::kInvalid, kInvalidRecordValue, std::move(detail)}; }

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

// A value's text, taken word by word.
class ValueReader {
 public:
  ValueReader(std::string_view text, Escapes escapes) : text_(text), escapes_(escapes) { SkipSpaces(); }

  bool at_end() const { return at_ == text_.size(); }

  // Up to the next space; empty at the end.
  std::string_view Word() {
    const size_t from = at_;
    while (!at_end() && !IsSpace(text_[at_])) ++at_;
    const std::string_view word = text_.substr(from, at_ - from);
    SkipSpaces();
    return word;
  }

  // `bytes` bytes in network order, appended to `out`.
  Status Number(size_t bytes, std::string_view what, std::string& out) {
    const std::string_view word = Word();
    const auto number = ParseUnsigned(word);
    if (!number || (*number >> (8 * bytes)) != 0) {
      return Wrong(fmt::format("{} is not a number of {} bits: '{}'", what, 8 * bytes, word));
    }
    for (size_t i = bytes; i-- > 0;) out += static_cast<char>((*number >> (8 * i)) & 0xFF);
    return {};
  }

  Status DomainName(std::string& out) {
    const std::string_view word = Word();
    const auto name = Name::Parse(word, escapes_);
    if (!name) return Wrong(fmt::format("Value is not a valid domain name: '{}'", word));
    out += name->wire();
    return {};
  }

  // What stands between quotation marks, without them; escapes resolved.
  Result<std::string> Quoted() {
    if (at_end() || text_[at_] != '"') return Wrong("Value should be enclosed in quotation marks");
    std::string string;
    for (++at_; !at_end();) {
      bool escaped = false;
      const auto c = ReadTextByte(text_, at_, escapes_, escaped);
      if (!c) return Wrong("Value has a broken escape");
      if (*c == '"' && !escaped) {
        SkipSpaces();
        return string;
      }
      string += *c;
    }
    return Wrong("Value should be enclosed in quotation marks");
  }

  Status End() const {
    if (!at_end()) return Wrong("Value has more parts than its type");
    return {};
  }

 private:
  void SkipSpaces() {
    while (!at_end() && IsSpace(text_[at_])) ++at_;
  }

  std::string_view text_;
  Escapes escapes_;
  size_t at_ = 0;
};

Result<std::string> ParseAddress(int family, std::string_view text) {
  std::array<char, sizeof(in6_addr)> bytes{};
  const bool is_v4 = family == AF_INET;
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) {
    return Wrong(fmt::format("Value is not a valid {} address", is_v4 ? "IPv4" : "IPv6"));
  }
  return std::string(bytes.data(), is_v4 ? sizeof(in_addr) : sizeof(in6_addr));
}

Status ParseStrings(ValueReader& reader, std::string& out) {
  do {
    const std::string string = TRY(reader.Quoted());
    if (string.size() > kCharacterStringMax) return Wrong("Value is longer than 255 characters");
    out += static_cast<char>(string.size());
    out += string;
  } while (!reader.at_end());
  return {};
}

// RFC 8659, section 4.1.
Status ParseCaa(ValueReader& reader, std::string& out) {
  TRY(reader.Number(1, "The flags", out));
  const std::string_view tag = reader.Word();
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (tag.empty() || tag.size() > kCharacterStringMax || !std::ranges::all_of(tag, is_alphanumeric)) {
    return Wrong("The tag of a CAA value consists of letters and digits");
  }
  out += static_cast<char>(tag.size());
  out += tag;
  out += TRY(reader.Quoted());
  return {};
}

Status ParseParts(RecordType type, ValueReader& reader, std::string& out) {
  switch (type) {
    case RecordType::kNs:
    case RecordType::kCname:
    case RecordType::kPtr:
      return reader.DomainName(out);
    case RecordType::kMx:
      TRY(reader.Number(2, "The preference", out));
      return reader.DomainName(out);
    case RecordType::kSrv:
      for (const std::string_view what : {"The priority", "The weight", "The port"}) TRY(reader.Number(2, what, out));
      return reader.DomainName(out);
    case RecordType::kSoa:
      TRY(reader.DomainName(out));
      TRY(reader.DomainName(out));
      for (const std::string_view what : {"The serial", "The refresh", "The retry", "The expire", "The minimum"}) {
        TRY(reader.Number(4, what, out));
      }
      return {};
    case RecordType::kTxt:
    case RecordType::kSpf:
      return ParseStrings(reader, out);
    case RecordType::kCaa:
      return ParseCaa(reader, out);
    default:
      return Wrong(fmt::format("Records of type {} are not held", static_cast<int>(type)));
  }
}

}  // namespace

Result<std::string> ParseRdata(RecordType type, std::string_view text, Escapes escapes) {
  if (type == RecordType::kA) return ParseAddress(AF_INET, text);
  if (type == RecordType::kAaaa) return ParseAddress(AF_INET6, text);
  ValueReader reader(text, escapes);
  std::string out;
  TRY(ParseParts(type, reader, out));
  TRY(reader.End());
  if (out.size() > kRdataBytesMax) return Wrong("Value is longer than a record's may be");
  return out;
}

}  // namespace meetinity::dns
