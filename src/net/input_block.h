#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace meetinity::net {

// What a connection reads into. Shared with the exchange whose head lies in it, since that may outlive the connection.
struct InputBlock {
  // Holds nearly every head whole; larger ones move into a block of their own.
  static constexpr size_t kSize = 16'384;

  explicit InputBlock(size_t size = kSize) : bytes(std::make_unique_for_overwrite<char[]>(size)), capacity(size) {}
  std::span<char> all() { return {bytes.get(), capacity}; }

  std::unique_ptr<char[]> bytes;
  size_t capacity;
};

}  // namespace meetinity::net
