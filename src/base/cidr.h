#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meetinity {

// A block of IPv4 or IPv6 addresses (RFC 4632; RFC 4291, section 2.3). A plain value.
class Cidr {
 public:
  // "10.0.0.0/16", "2001:db8::/32". Bits behind the prefix may be set, as in an interface's "10.0.0.7/16". Nothing for
  // other text: leading zeros, a prefix that is too long, spaces.
  static std::optional<Cidr> Parse(std::string_view text);
  // A single address, without a prefix: the block that holds it alone.
  static std::optional<Cidr> ParseAddress(std::string_view text);

  bool is_v6() const { return is_v6_; }
  int prefix() const { return prefix_; }
  // The block of that many bits around the address; nothing where the family has fewer.
  std::optional<Cidr> WithPrefix(uint64_t bits) const;
  // The same block without bits behind the prefix.
  Cidr Canonical() const;
  bool is_canonical() const { return *this == Canonical(); }

  // Whether every address of `other` is in this block. Families never mix.
  bool Contains(const Cidr& other) const;
  bool Overlaps(const Cidr& other) const { return Contains(other) || other.Contains(*this); }

  // IPv4 only: the first address, as a number, and how many there are.
  uint32_t first_v4() const;
  uint64_t size_v4() const { return uint64_t{1} << (32 - prefix_); }

  std::string AddressText() const;  // "10.0.0.0"
  std::string ToString() const;     // "10.0.0.0/16"

  bool operator==(const Cidr&) const = default;
  auto operator<=>(const Cidr&) const = default;

 private:
  std::array<uint8_t, 16> bytes_{};  // an IPv4 address in the first four
  bool is_v6_ = false;
  int prefix_ = 0;
};

std::string Ipv4Text(uint32_t address);  // 0x0A000001 is "10.0.0.1"

}  // namespace meetinity
