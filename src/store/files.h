#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetinity::store {

// An open file of ours, closed when dropped.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }
  void Close();

 private:
  int descriptor_ = -1;
};

// What errno says about `doing`; a full disk by its own name.
Error SystemError(std::string_view doing, int code);

// open(2) with O_CLOEXEC; new files are readable by their owner only.
Result<FileDescriptor> OpenFile(const std::string& path, int flags);

// Creates the folder and those above it that are missing, 0700 each, durably.
Status EnsureDirectory(const std::string& path);

// Makes durable which names the folder holds.
Status SyncDirectory(const std::string& path);

// All of the bytes, however many calls it takes.
Status WriteAll(int descriptor, std::string_view bytes);
Status WriteAllAt(int descriptor, std::string_view bytes, uint64_t offset);

// pread(2), again after a signal: bytes read, 0 at the end, or -1 with errno.
ssize_t PositionedRead(int descriptor, char* bytes, size_t max, uint64_t offset);

}  // namespace meetinity::store
