#include "base/cidr.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace meetinity {
namespace {

// INET6_ADDRSTRLEN with its end, so that longer text is no address.
constexpr size_t kAddressTextMax = INET6_ADDRSTRLEN - 1;

constexpr size_t BytesOf(bool is_v6) { return is_v6 ? 16 : 4; }

// The bits of byte `index` that belong to the prefix.
constexpr uint8_t MaskAt(size_t index, int prefix) {
  const int bits = std::clamp(prefix - static_cast<int>(index) * 8, 0, 8);
  return static_cast<uint8_t>(0xFF00 >> bits);
}

}  // namespace

std::optional<Cidr> Cidr::ParseAddress(std::string_view text) {
  if (text.empty() || text.size() > kAddressTextMax) return std::nullopt;
  const std::string terminated(text);
  Cidr cidr;
  cidr.is_v6_ = text.find(':') != std::string_view::npos;
  if (::inet_pton(cidr.is_v6_ ? AF_INET6 : AF_INET, terminated.c_str(), cidr.bytes_.data()) != 1) return std::nullopt;
  // inet_pton stops at a NUL that is part of the text.
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  cidr.prefix_ = cidr.is_v6_ ? 128 : 32;
  return cidr;
}

std::optional<Cidr> Cidr::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<Cidr> address = ParseAddress(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  const std::optional<uint64_t> prefix = ParseUnsigned(digits);
  if (!address || !prefix || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  return address->WithPrefix(*prefix);
}

std::optional<Cidr> Cidr::WithPrefix(uint64_t bits) const {
  if (bits > BytesOf(is_v6_) * 8) return std::nullopt;
  Cidr block = *this;
  block.prefix_ = static_cast<int>(bits);
  return block;
}

Cidr Cidr::Canonical() const {
  Cidr canonical = *this;
  for (size_t i = 0; i < bytes_.size(); ++i) canonical.bytes_[i] &= MaskAt(i, prefix_);
  return canonical;
}

bool Cidr::Contains(const Cidr& other) const {
  if (is_v6_ != other.is_v6_ || other.prefix_ < prefix_) return false;
  for (size_t i = 0; i < BytesOf(is_v6_); ++i) {
    if (((bytes_[i] ^ other.bytes_[i]) & MaskAt(i, prefix_)) != 0) return false;
  }
  return true;
}

uint32_t Cidr::first_v4() const {
  const Cidr canonical = Canonical();
  uint32_t address = 0;
  for (size_t i = 0; i < 4; ++i) address = address << 8 | canonical.bytes_[i];
  return address;
}

std::string Cidr::AddressText() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(is_v6_ ? AF_INET6 : AF_INET, bytes_.data(), text.data(), text.size());
}

std::string Cidr::ToString() const { return fmt::format("{}/{}", AddressText(), prefix_); }

std::string Ipv4Text(uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 0xFF, address >> 8 & 0xFF, address & 0xFF);
}

}  // namespace meetinity
