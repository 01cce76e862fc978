#include "store/line_spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/random.h"
#include "base/text.h"
#include "store/errors.h"

namespace meetinity::store {
namespace {

constexpr std::string_view kSuffix = ".lines";

// "1704067200-3k9x0c2m.lines": when it was begun, for its age and order, and what makes the name unique.
std::string NewName(Instant now) {
  return fmt::format("{:010}-{}{}", now.unix_seconds(), RandomText(8, kLowerAlphanumeric), kSuffix);
}

std::optional<Instant> BegunAt(std::string_view name) {
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos || !name.ends_with(kSuffix)) return std::nullopt;
  const auto seconds = ParseUnsigned(name.substr(0, dash));
  if (!seconds) return std::nullopt;
  return Instant::FromUnixSeconds(static_cast<int64_t>(*seconds));
}

}  // namespace

Result<std::unique_ptr<LineSpool>> LineSpool::Open(std::string directory, const Clock& clock,
                                                   LineSpoolOptions options) {
  TRY(EnsureDirectory(directory));
  auto spool = std::unique_ptr<LineSpool>(new LineSpool(std::move(directory), clock, options));
  TRY(spool->Adopt());
  return spool;
}

Status LineSpool::Adopt() {
  std::error_code failed;
  for (const auto& file : std::filesystem::directory_iterator(directory_, failed)) {
    const std::string name = file.path().filename().string();
    const auto begun = BegunAt(name);
    if (!begun) continue;
    const uint64_t size = file.file_size(failed);
    if (failed) break;
    closed_.push_back({{name, *begun}, size});
    bytes_ += size;
  }
  if (failed) return SystemError(fmt::format("listing {}", directory_), failed.value());
  std::ranges::sort(closed_, {}, [](const Closed& closed) -> const std::string& { return closed.segment.name; });
  return {};
}

std::string LineSpool::PathOf(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }

Status LineSpool::Begin() {
  const Instant now = clock_.Now();
  open_ = {{NewName(now), now}, 0};
  file_ = std::make_shared<FileDescriptor>(
      TRY(OpenFile(PathOf(open_.segment.name), O_WRONLY | O_CREAT | O_EXCL | O_APPEND)));
  return {};
}

Status LineSpool::Close() {
  if (!file_) return {};
  closed_.push_back(std::move(open_));
  file_.reset();
  return {};
}

Status LineSpool::Append(std::string_view lines) {
  const std::lock_guard lock(mutex_);
  if (bytes_ + lines.size() > options_.bytes_max) {
    return Error{
        Kind::kLimit, kSpoolFull,
        fmt::format("{} bytes wait in {} to be delivered, and {} is the most", bytes_, directory_, options_.bytes_max)};
  }
  if (file_ && open_.bytes + lines.size() > options_.segment_bytes_max) TRY(Close());
  if (!file_) TRY(Begin());
  const Status written = WriteAll(file_->get(), lines);
  if (!written.ok()) {
    // A part of a line would spoil the one after it; what cannot be cut off is left behind with its segment.
    if (::ftruncate(file_->get(), static_cast<off_t>(open_.bytes)) != 0) TRY(Close());
    return written;
  }
  open_.bytes += lines.size();
  bytes_ += lines.size();
  return {};
}

Status LineSpool::Sync() {
  std::shared_ptr<FileDescriptor> file;
  {
    const std::lock_guard lock(mutex_);
    file = file_;
  }
  // Outside the lock: whoever appends need not wait for the disk.
  if (file && ::fdatasync(file->get()) != 0) return SystemError("syncing a segment", errno);
  return file ? SyncDirectory(directory_) : Status();
}

Result<std::vector<LineSpool::Segment>> LineSpool::Finish() {
  const std::lock_guard lock(mutex_);
  TRY(Close());
  std::vector<Segment> segments;
  for (const Closed& closed : closed_) segments.push_back(closed.segment);
  return segments;
}

Result<std::string> LineSpool::Read(const Segment& segment) const {
  const std::string path = PathOf(segment.name);
  std::ifstream file(path, std::ios::binary);
  std::string lines{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return Internal(fmt::format("{} cannot be read", path));
  const size_t end = lines.rfind('\n');
  lines.resize(end == std::string::npos ? 0 : end + 1);
  return lines;
}

Status LineSpool::Remove(const Segment& segment) {
  if (::unlink(PathOf(segment.name).c_str()) != 0 && errno != ENOENT) {
    return SystemError(fmt::format("removing {}", segment.name), errno);
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(closed_, [&](const Closed& closed) {
    if (closed.segment.name != segment.name) return false;
    bytes_ -= std::min(bytes_, closed.bytes);
    return true;
  });
  return {};
}

Status LineSpool::Clear() {
  for (const Segment& segment : TRY(Finish())) TRY(Remove(segment));
  return {};
}

uint64_t LineSpool::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace meetinity::store
