#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meetinity::dns {

// A domain name in its uncompressed wire form, the root's empty label included (RFC 1035, section 3.1).
inline constexpr size_t kNameBytesMax = 255;
inline constexpr size_t kLabelBytesMax = 63;
// As many labels as fit, the root's not counted.
inline constexpr size_t kLabelsMax = 127;

// What "\ooo" in a text means: three decimal digits in zone files (RFC 1035, section 5.1), octal ones in some APIs.
enum class Escapes { kDecimal, kOctal };

// Reads one byte of `text` at `at`, which may be written as "\." or "\046", and moves `at` behind it. Nothing for a
// broken escape. `escaped` tells whether a dot is only a character.
std::optional<char> ReadTextByte(std::string_view text, size_t& at, Escapes escapes, bool& escaped);

// A domain name: labels from the leftmost to the root. Letters are kept in lower case, because names compare without
// regard to case (RFC 4343). A plain value without memory of its own, so that a query costs none.
class Name {
 public:
  Name() = default;  // the root

  // "www.example.com" or "www.example.com."; "." is the root. Nothing for empty or long labels and for long names.
  static std::optional<Name> Parse(std::string_view text, Escapes escapes = Escapes::kDecimal);
  // The name that begins at `at` in `message`, and moves `at` behind it. A compression pointer must point to before
  // where the labels that led to it begin, so that no chain of them is endless. Nothing for what is not a name.
  static std::optional<Name> Read(std::string_view message, size_t& at);

  // With its dot at the end and decimal escapes; the root is ".".
  std::string ToString() const;

  // The wire form, uncompressed; lives as long as the name.
  std::string_view wire() const { return {bytes_.data(), size_}; }
  bool is_root() const { return size_ == 1; }
  size_t labels() const;
  // The wire form of the name without its first `labels` labels: of an ancestor.
  std::string_view Suffix(size_t labels) const;
  // Whether this is `ancestor` or below it.
  bool IsWithin(const Name& ancestor) const;
  bool is_wildcard() const { return size_ > 2 && bytes_[0] == 1 && bytes_[1] == '*'; }

  bool operator==(const Name& other) const { return wire() == other.wire(); }

 private:
  bool AddLabel(std::string_view label);

  std::array<char, kNameBytesMax> bytes_{};
  uint8_t size_ = 1;
};

}  // namespace meetinity::dns
