#include "store/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/random.h"
#include "store/files.h"

namespace meetinity::store {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status WriteWhole(const std::string& path, std::string_view bytes) {
  FileDescriptor file = TRY(OpenFile(path, O_WRONLY | O_CREAT | O_EXCL));
  TRY(WriteAll(file.get(), bytes));
  if (::fsync(file.get()) != 0) return SystemError(fmt::format("syncing {}", path), errno);
  return {};
}

}  // namespace

Status WritePrivateFile(const std::string& path, std::string_view bytes) {
  const std::string staged = fmt::format("{}.{}", path, RandomText(8, kLowerAlphanumeric));
  Status written = WriteWhole(staged, bytes);
  if (written.ok() && ::rename(staged.c_str(), path.c_str()) != 0) {
    written = SystemError(fmt::format("putting {} into place", path), errno);
  }
  if (!written.ok()) {
    ::unlink(staged.c_str());
    return written;
  }
  return SyncDirectory(FolderOf(path));
}

Result<std::optional<std::string>> ReadPrivateFile(const std::string& path, uint64_t bytes_max) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::optional<std::string>();
  if (descriptor < 0) return SystemError(fmt::format("opening {}", path), errno);
  const FileDescriptor file(descriptor);
  std::string bytes;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(fmt::format("reading {}", path), errno);
    if (got == 0) return std::optional<std::string>(std::move(bytes));
    bytes.append(buffer, static_cast<size_t>(got));
    if (bytes.size() > bytes_max) {
      return Internal(fmt::format("{} is larger than {} bytes, which no file of ours is", path, bytes_max));
    }
  }
}

}  // namespace meetinity::store
