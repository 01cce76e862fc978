#include "store/pack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "base/log.h"
#include "base/random.h"

namespace meetinity::store {
namespace {

constexpr std::string_view kPackPurpose = "meetinity pack";

// Few enough that a reset, which lists them, is quick with a terabyte; small enough that a pack with one last live
// record in it holds little back where the file system cannot punch holes.
constexpr uint64_t kPackBytesMax = 256 * 1024 * 1024;

// Written at a time where holes cannot be punched.
constexpr uint64_t kZerosMax = 1024 * 1024;

// What the file system gives back at least; a smaller one than this would still give back as much.
constexpr uint64_t kBlockBytes = 4096;

uint64_t DownToBlock(uint64_t offset) { return offset / kBlockBytes * kBlockBytes; }
uint64_t UpToBlock(uint64_t offset) { return DownToBlock(offset + kBlockBytes - 1); }

bool IsZeros(int file, uint64_t from, uint64_t to) {
  std::string bytes(static_cast<size_t>(to - from), '\0');
  const ssize_t got = PositionedRead(file, bytes.data(), bytes.size(), from);
  return got >= 0 && bytes.find_first_not_of('\0') == std::string::npos;  // past the end there is nothing
}

}  // namespace

struct Pack::File {
  FileDescriptor descriptor;
  BlobCipher cipher;
};

Pack::Pack(uint64_t number, std::string path, std::string_view master_key)
    : number_(number), path_(std::move(path)), master_key_(master_key) {}

Result<std::shared_ptr<Pack>> Pack::Create(uint64_t number, std::string path, std::string_view master_key) {
  auto pack = std::make_shared<Pack>(number, std::move(path), master_key);
  const std::string salt = RandomBytes(kSaltBytes);
  FileDescriptor file = TRY(OpenFile(pack->path_, O_RDWR | O_CREAT | O_EXCL));
  // The head is synced with the first record.
  Status made = WriteAllAt(file.get(), std::string(kPackMagic) + salt, 0);
  if (made.ok()) made = SyncDirectory(std::filesystem::path(pack->path_).parent_path().string());
  if (!made.ok()) {
    ::unlink(pack->path_.c_str());
    return std::move(made).error();
  }
  pack->file_ = std::shared_ptr<const File>(new File{std::move(file), BlobCipher(master_key, salt, kPackPurpose)});
  pack->next_ = kPackRecordsFrom;
  pack->closed_ = pack->settled_taken_ = false;
  return pack;
}

Result<std::shared_ptr<const Pack::File>> Pack::Opened() {
  const std::lock_guard lock(mutex_);
  if (file_) return file_;
  FileDescriptor file = TRY(OpenFile(path_, O_RDWR));
  std::string head(kPackMagic.size() + kSaltBytes, '\0');
  const ssize_t got = PositionedRead(file.get(), head.data(), head.size(), 0);
  if (got < 0) return SystemError(fmt::format("reading {}", path_), errno);
  if (static_cast<size_t>(got) != head.size() || !head.starts_with(kPackMagic)) {
    return Internal(fmt::format("{} does not begin as a pack does", path_));
  }
  file_ = std::shared_ptr<const File>(new File{
      std::move(file), BlobCipher(master_key_, std::string_view(head).substr(kPackMagic.size()), kPackPurpose)});
  return file_;
}

// --- writing

std::optional<PackPlace> Pack::Reserve(uint32_t length) {
  const std::lock_guard lock(mutex_);
  const uint64_t bytes = PackRecordBytes(length);
  if (closed_ || next_ + bytes > kPackBytesMax) return std::nullopt;
  const PackPlace place{number_, static_cast<uint32_t>(next_), length};
  next_ += bytes;
  ++writing_;
  return place;
}

Status Pack::Write(const PackPlace& place, std::string_view blob) {
  const std::shared_ptr<const File> file = TRY(Opened());  // since Create, and kept while records are on their way
  std::string record;
  record.reserve(static_cast<size_t>(PackRecordBytes(place.length)));
  AppendPackRecordHeader(place, record);
  Status written = SealRun(file->cipher, place.offset, blob, record);
  if (written.ok()) {
    record.resize(static_cast<size_t>(PackRecordBytes(place.length)));
    written = WriteAllAt(file->descriptor.get(), record, place.offset);
    if (!written.ok()) (void)Punch(*file, place.offset, place.offset + record.size());
  }
  const std::lock_guard lock(mutex_);
  --writing_;
  if (written.ok()) unsynced_.insert(place.offset);
  return written;
}

Status Pack::MakeDurable(const PackPlace& place) {
  const std::shared_ptr<const File> file =
      TRY(Opened());  // the one that was written to: kept while something is unsynced
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !syncing_.contains(place.offset); });
  if (!unsynced_.contains(place.offset)) return {};
  changed_.wait(lock, [&] { return syncing_.empty(); });
  if (!failed_.ok()) return failed_;
  if (!unsynced_.contains(place.offset)) return {};
  syncing_.swap(unsynced_);
  lock.unlock();
  const int result = ::fdatasync(file->descriptor.get());
  const int code = errno;
  lock.lock();
  if (result != 0) {
    failed_ = SystemError("syncing a pack", code);
    closed_ = true;
    unsynced_.merge(syncing_);
  }
  syncing_.clear();
  changed_.notify_all();
  return failed_;
}

bool Pack::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  return writing_ == 0;
}

bool Pack::TakeSettled() {
  const std::lock_guard lock(mutex_);
  if (!IsSettled() || settled_taken_) return false;
  settled_taken_ = true;
  return true;
}

// --- reading

Result<bool> Pack::HoldsRecord(const File& file, const PackPlace& place) const {
  std::string header(kPackRecordHeaderBytes, '\0');
  return ReadRecord(file, place, header);
}

// As many bytes from the header on as there is room for in `record`, or up to the file's end. Whether the record is
// there.
Result<bool> Pack::ReadRecord(const File& file, const PackPlace& place, std::string& record) const {
  const ssize_t got = PositionedRead(file.descriptor.get(), record.data(), record.size(), place.offset);
  if (got < 0) return SystemError(fmt::format("reading {}", path_), errno);
  record.resize(static_cast<size_t>(got));
  const std::string_view header = std::string_view(record).substr(0, kPackRecordHeaderBytes);
  if (ParsePackRecordHeader(header, number_, place.offset) == place) return true;
  if (header.find_first_not_of('\0') == std::string_view::npos) return false;
  Log(LogLevel::kError, "store", "{} is damaged at byte {}", path_, place.offset);
  return Internal(fmt::format("{} is damaged at byte {}", path_, place.offset));
}

Result<bool> Pack::Pin(const PackPlace& place) {
  const std::shared_ptr<const File> file = TRY(Opened());
  std::string header(kPackRecordHeaderBytes, '\0');
  return PinAndRead(*file, place, header);
}

Result<std::optional<Pack::Held>> Pack::Hold(const PackPlace& place) {
  CHECK(place.length <= kChunkBytes);
  const std::shared_ptr<const File> file = TRY(Opened());
  std::string record(static_cast<size_t>(kPackRecordHeaderBytes + SealedSize(place.length)), '\0');
  if (!TRY(PinAndRead(*file, place, record))) return std::optional<Held>();
  const bool was_last = Unpin(place);
  return std::optional(Held{std::move(record), std::shared_ptr<const BlobCipher>(file, &file->cipher), was_last});
}

Result<bool> Pack::PinAndRead(const File& file, const PackPlace& place, std::string& record) {
  {
    const std::lock_guard lock(mutex_);
    if (discarded_) return false;
    Use& use = uses_[place.offset];
    if (use.removed) return false;
    ++use.readers;
  }
  Result<bool> held = ReadRecord(file, place, record);
  if (!held.ok() || !*held) (void)Unpin(place);
  return held;
}

bool Pack::Unpin(const PackPlace& place) {
  const std::lock_guard lock(mutex_);
  const auto use = uses_.find(place.offset);
  CHECK(use != uses_.end() && use->second.readers > 0);
  if (--use->second.readers > 0) return false;
  if (use->second.removed) return true;
  uses_.erase(use);
  return false;
}

Result<std::string> Pack::Read(const PackPlace& place, uint64_t offset, size_t max, std::string_view name) {
  const std::shared_ptr<const File> file = TRY(Opened());
  const SealedRun run{file->descriptor.get(), place.offset + kPackRecordHeaderBytes, place.length, place.offset};
  return ReadSealedRun(file->cipher, run, offset, max, name);
}

Result<std::string> Pack::Open(const PackPlace& place, const Held& held, std::string_view name) {
  const std::string_view sealed = std::string_view(held.bytes).substr(kPackRecordHeaderBytes);
  if (sealed.size() == SealedSize(place.length)) return OpenSealedChunk(*held.cipher, place.offset, sealed, name);
  Log(LogLevel::kError, "store", "blob {} is cut off", name);
  return Internal(fmt::format("blob {} is cut off", name));
}

// --- giving back

bool Pack::MarkRemoved(const PackPlace& place) {
  const std::lock_guard lock(mutex_);
  Use& use = uses_[place.offset];
  if (use.removed) return false;
  use.removed = true;
  return use.readers == 0;
}

bool Pack::HasRemoved() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(uses_.begin(), uses_.end(), [](const auto& use) { return use.second.removed; });
}

Status Pack::Reclaim(const PackPlace& place) {
  const std::shared_ptr<const File> file = TRY(Opened());
  const std::lock_guard lock(mutex_);
  if (discarded_ || !IsSettled()) return {};
  const auto use = uses_.find(place.offset);
  if (use != uses_.end() && use->second.readers > 0) return {};  // the last reader's Unpin says so
  // Under the lock, so that no reader pins a record whose header is still there and whose bytes are not.
  if (TRY(HoldsRecord(*file, place))) TRY(PunchRecord(*file, place));
  if (use != uses_.end()) uses_.erase(use);
  return {};
}

// Whole blocks only are given back, and the rest zeroed. So a block that records share goes with the last of them:
// where a neighbour's part is zeros already, it is taken along.
Status Pack::PunchRecord(const File& file, const PackPlace& place) {
  const int descriptor = file.descriptor.get();
  uint64_t from = place.offset, to = place.offset + PackRecordBytes(place.length);
  const uint64_t first = std::max(DownToBlock(from), kPackRecordsFrom);
  if (first < from && IsZeros(descriptor, first, from)) from = first;
  if (to < UpToBlock(to) && IsZeros(descriptor, to, UpToBlock(to))) to = UpToBlock(to);
  return Punch(file, from, to);
}

Status Pack::Punch(const File& file, uint64_t from, uint64_t to) const {
  const int descriptor = file.descriptor.get();
  int result = -1;
  do {
    result = ::fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                         static_cast<off_t>(to - from));
  } while (result != 0 && errno == EINTR);
  if (result == 0) return {};
  if (errno != EOPNOTSUPP) return SystemError(fmt::format("giving back a part of {}", path_), errno);
  // A file system without holes: the records are zeroed, so that nobody finds them, and their room comes back with the
  // file.
  const std::string zeros(static_cast<size_t>(std::min(to - from, kZerosMax)), '\0');
  for (uint64_t at = from; at < to; at += zeros.size()) {
    TRY(WriteAllAt(descriptor, std::string_view(zeros).substr(0, static_cast<size_t>(to - at)), at));
  }
  return {};
}

bool Pack::MayGo(const PackPlace& place) const {
  const auto use = uses_.find(place.offset);
  return use != uses_.end() && use->second.removed && use->second.readers == 0;
}

Status Pack::Tidy() {
  const std::shared_ptr<const File> file = TRY(Opened());
  uint64_t gap = kPackRecordsFrom;  // where the last record that stays ends
  std::vector<uint32_t> going;      // offsets of those since that go
  const auto give_back = [&](uint64_t to) -> Status {
    if (going.empty()) return {};
    // A reader can no more begin to read one of these than it could before: they are marked until they are gone.
    TRY(Punch(*file, gap, to));
    const std::lock_guard lock(mutex_);
    for (const uint32_t offset : going) uses_.erase(offset);
    going.clear();
    return {};
  };
  const PackWalk walk = TRY(WalkPack(file->descriptor.get(), number_, [&](const PackPlace& record) -> Status {
    {
      const std::lock_guard lock(mutex_);
      if (discarded_) return {};
      if (MayGo(record)) {
        going.push_back(record.offset);
        return {};
      }
    }
    TRY(give_back(record.offset));
    gap = record.offset + PackRecordBytes(record.length);
    return {};
  }));
  return walk.whole ? give_back(UpToBlock(walk.end)) : Status();
}

Result<bool> Pack::IsEmpty() {
  {
    const std::lock_guard lock(mutex_);
    if (!IsSettled()) return false;
  }
  const std::shared_ptr<const File> file = TRY(Opened());
  const off_t data = ::lseek(file->descriptor.get(), static_cast<off_t>(kPackRecordsFrom), SEEK_DATA);
  return data < 0 && errno == ENXIO;
}

Result<PackWalk> Pack::Walk(const std::function<Status(const PackPlace&)>& each) {
  const std::shared_ptr<const File> file = TRY(Opened());
  return WalkPack(file->descriptor.get(), number_, each);
}

void Pack::Discard() {
  const std::lock_guard lock(mutex_);
  discarded_ = closed_ = true;
}

void Pack::LetGo() {
  const std::lock_guard lock(mutex_);
  if (IsSettled() && uses_.empty() && unsynced_.empty() && syncing_.empty()) file_.reset();
}

bool Pack::IsOpen() const {
  const std::lock_guard lock(mutex_);
  return file_ != nullptr;
}

}  // namespace meetinity::store
