#include "engine/dns/name.h"

#include <fmt/format.h>

namespace meetinity::dns {
namespace {

// The two high bits of a length (RFC 1035, section 4.1.4).
constexpr uint8_t kPointerBits = 0xC0;

uint8_t ByteAt(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<char> ReadTextByte(std::string_view text, size_t& at, Escapes escapes, bool& escaped) {
  escaped = text[at] == '\\';
  if (!escaped) return text[at++];
  ++at;
  if (at == text.size()) return std::nullopt;
  if (text[at] < '0' || text[at] > '9') return text[at++];
  const int base = escapes == Escapes::kDecimal ? 10 : 8;
  if (text.size() - at < 3) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, 3)) {
    if (c < '0' || c - '0' >= base) return std::nullopt;
    value = value * base + (c - '0');
  }
  if (value > 255) return std::nullopt;
  at += 3;
  return static_cast<char>(value);
}

bool Name::AddLabel(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax || size_ + label.size() + 1 > kNameBytesMax) return false;
  size_t at = size_ - 1U;  // over the root's label, which follows again
  bytes_[at++] = static_cast<char>(label.size());
  for (const char c : label) bytes_[at++] = LowerCase(c);
  bytes_[at++] = 0;
  size_ = static_cast<uint8_t>(at);
  return true;
}

std::optional<Name> Name::Parse(std::string_view text, Escapes escapes) {
  Name name;
  if (text == ".") return name;
  if (text.empty()) return std::nullopt;
  std::array<char, kLabelBytesMax> label{};
  size_t label_size = 0;
  bool ended = false;
  for (size_t at = 0; at < text.size();) {
    bool escaped = false;
    const auto c = ReadTextByte(text, at, escapes, escaped);
    if (!c) return std::nullopt;
    ended = *c == '.' && !escaped;
    if (ended) {
      if (!name.AddLabel({label.data(), label_size})) return std::nullopt;
      label_size = 0;
    } else {
      if (label_size == label.size()) return std::nullopt;
      label[label_size++] = *c;
    }
  }
  if (!ended && !name.AddLabel({label.data(), label_size})) return std::nullopt;
  return name;
}

std::optional<Name> Name::Read(std::string_view message, size_t& at) {
  Name name;
  size_t here = at;
  size_t run = at;  // where the labels at hand begin; a pointer leads to before it
  bool jumped = false;
  while (here < message.size()) {
    const uint8_t length = ByteAt(message, here);
    if (length == 0) {
      if (!jumped) at = here + 1;
      return name;
    }
    if ((length & kPointerBits) == kPointerBits) {
      if (here + 1 >= message.size()) return std::nullopt;
      const size_t target = (length & 0x3FU) * 256U + ByteAt(message, here + 1);
      if (target >= run) return std::nullopt;
      if (!jumped) at = here + 2;
      jumped = true;
      here = run = target;
      continue;
    }
    if (length > kLabelBytesMax || message.size() - here - 1 < length) return std::nullopt;
    if (!name.AddLabel(message.substr(here + 1, length))) return std::nullopt;
    here += length + 1U;
  }
  return std::nullopt;
}

std::string Name::ToString() const {
  if (is_root()) return ".";
  std::string text;
  for (size_t at = 0; bytes_[at] != 0;) {
    const size_t end = at + static_cast<uint8_t>(bytes_[at]) + 1;
    for (++at; at < end; ++at) {
      const char c = bytes_[at];
      if (c == '.' || c == '\\') {
        text += '\\';
        text += c;
      } else if (c > ' ' && c < 0x7F) {
        text += c;
      } else {
        text += fmt::format("\\{:03}", static_cast<uint8_t>(c));
      }
    }
    text += '.';
  }
  return text;
}

size_t Name::labels() const {
  size_t count = 0;
  for (size_t at = 0; bytes_[at] != 0; at += static_cast<uint8_t>(bytes_[at]) + 1U) ++count;
  return count;
}

std::string_view Name::Suffix(size_t labels) const {
  size_t at = 0;
  for (size_t i = 0; i < labels && bytes_[at] != 0; ++i) at += static_cast<uint8_t>(bytes_[at]) + 1U;
  return wire().substr(at);
}

bool Name::IsWithin(const Name& ancestor) const {
  const size_t own = labels();
  const size_t others = ancestor.labels();
  return own >= others && Suffix(own - others) == ancestor.wire();
}

}  // namespace meetinity::dns
