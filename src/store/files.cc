#include "store/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "store/errors.h"

namespace meetinity::store {

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileDescriptor::~FileDescriptor() { Close(); }

void FileDescriptor::Close() {
  if (valid()) ::close(std::exchange(descriptor_, -1));
}

Error SystemError(std::string_view doing, int code) {
  std::string detail = fmt::format("{}: {}", doing, std::generic_category().message(code));
  if (code == ENOSPC || code == EDQUOT) {
    return Error{Kind::kUnavailable, kDiskFull, std::move(detail) + "; free some space and try again"};
  }
  return Internal(std::move(detail));
}

Result<FileDescriptor> OpenFile(const std::string& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return SystemError(fmt::format("opening {}", path), errno);
  return FileDescriptor(descriptor);
}

Status EnsureDirectory(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  if (::mkdir(path.c_str(), S_IRWXU) == 0) return SyncDirectory(parent.empty() ? "." : parent);
  const int code = errno;
  if (code == EEXIST && std::filesystem::is_directory(path)) return {};
  if (code != ENOENT || parent.empty()) return SystemError(fmt::format("creating the folder {}", path), code);
  TRY(EnsureDirectory(parent));
  return EnsureDirectory(path);
}

Status SyncDirectory(const std::string& path) {
  const FileDescriptor directory = TRY(OpenFile(path, O_RDONLY | O_DIRECTORY));
  if (::fsync(directory.get()) != 0) return SystemError(fmt::format("syncing the folder {}", path), errno);
  return {};
}

Status WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    // write(2) may take less than it is given, but not nothing of something.
    if (written <= 0) return SystemError("writing", written < 0 ? errno : EIO);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status WriteAllAt(int descriptor, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return SystemError("writing", written < 0 ? errno : EIO);
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return {};
}

ssize_t PositionedRead(int descriptor, char* bytes, size_t max, uint64_t offset) {
  ssize_t got = -1;
  do {
    got = ::pread(descriptor, bytes, max, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace meetinity::store
