#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/http.h"

namespace meetinity::edge {

// Memory for cached bodies. Large ones lie in an anonymous file of the kernel's (memfd), from which a plain socket
// takes them without a copy; each has a range of its own there, which is given back when its last holder lets go.
// Offsets are never used again, so that what is still on its way out of a socket cannot change. Thread-safe; what it
// gave may outlive it.
class BodyStore {
 public:
  BodyStore();

  struct Room {
    std::shared_ptr<char[]> bytes;  // of the size that was asked for; to be written once
    net::FileRange file;            // the same bytes; none: this memory is ordinary
  };
  Room Allocate(size_t size);

  size_t ranges() const;  // in use, for tests

 private:
  struct File;
  std::shared_ptr<File> file_;  // null: the kernel has none to give
};

}  // namespace meetinity::edge
