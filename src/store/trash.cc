#include "store/trash.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/bytes.h"
#include "base/log.h"
#include "base/random.h"
#include "store/files.h"

namespace meetinity::store {

Trash::Trash(std::string folder)
    : folder_(std::move(folder)), run_(HexEncode(RandomBytes(8))), thread_([this] { Run(); }) {}

Trash::~Trash() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

Status Trash::Throw(const std::string& path) {
  // A name of its own each time: renaming one hard link onto another of the same file does nothing, by POSIX.
  const std::string name = fmt::format("{}/{}-{}", folder_, run_, next_name_++);
  if (::rename(path.c_str(), name.c_str()) != 0) {
    // A full disk may have no room for the new name.
    if (errno == ENOENT || ::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return SystemError(fmt::format("removing {}", path), errno);
  }
  const std::lock_guard lock(mutex_);
  ++thrown_;  // after the rename: a round that has not seen the file must not count it
  changed_.notify_all();
  return {};
}

void Trash::Drain() {
  std::unique_lock lock(mutex_);
  const uint64_t wanted = thrown_;
  changed_.wait(lock, [&] { return removed_ >= wanted; });
}

void Trash::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || removed_ < thrown_; });
    if (stopping_) return;
    const uint64_t seen = thrown_;
    lock.unlock();
    RemoveAll();
    lock.lock();
    removed_ = seen;
    changed_.notify_all();
  }
}

// What cannot be removed now is logged and tried again by the next round or run.
void Trash::RemoveAll() const {
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(folder_, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (stopping()) return;
    std::error_code kept;
    std::filesystem::remove(entry->path(), kept);
    if (kept) Log(LogLevel::kWarning, "store", "removing {}: {}", entry->path().string(), kept.message());
  }
  if (failure) Log(LogLevel::kWarning, "store", "listing {}: {}", folder_, failure.message());
}

bool Trash::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace meetinity::store
