#include "store/blob_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "store/blob_cipher.h"
#include "store/files.h"

namespace meetinity::store {
namespace {

constexpr std::string_view kFilePurpose = "meetinity blob file";
constexpr size_t kHeadBytes = kBlobFileMagic.size() + kSaltBytes;
constexpr int kFolders = 256;

// A file's key is its own, so its chunks need no other place than their number.
constexpr uint64_t kPlaceInFile = 0;

bool IsFileId(std::string_view id) { return IsFileBlobId(id) || IsPlainFileBlobId(id); }

// The folder that a sealed blob lies in.
std::string_view FolderOf(std::string_view id) { return id.substr(IsFileBlobId(id) ? 1 : 0, 2); }

class FileBlobWriter : public BlobWriter {
 public:
  FileBlobWriter(std::string id, std::string staged, std::string folder, FileDescriptor file,
                 std::string_view master_key, std::string_view salt)
      : id_(std::move(id)),
        staged_(std::move(staged)),
        folder_(std::move(folder)),
        file_(std::move(file)),
        cipher_(master_key, salt, kFilePurpose) {}
  ~FileBlobWriter() override {
    if (file_.valid()) ::unlink(staged_.c_str());
  }

  // A chunk is written when it is known whether another follows.
  Status Append(std::string_view bytes) override {
    size_ += bytes.size();
    while (!bytes.empty()) {
      if (chunk_.size() == kChunkBytes) TRY(WriteChunk(/*last=*/false));
      const std::string_view taken = bytes.substr(0, kChunkBytes - chunk_.size());
      chunk_ += taken;
      bytes.remove_prefix(taken.size());
    }
    return {};
  }

  uint64_t size() const override { return size_; }

  // The bytes are on the disk before they get their name, and the name before anybody learns it. Concurrent seals share
  // the file system's journal commits by themselves: syncing folders in groups of our own measured no faster.
  Result<BlobId> Seal() override {
    CHECK(file_.valid());
    TRY(WriteChunk(/*last=*/true));
    if (::fdatasync(file_.get()) != 0) return SystemError("syncing a blob", errno);
    const std::string name = fmt::format("{}/{}", folder_, id_);
    if (::rename(staged_.c_str(), name.c_str()) != 0) return SystemError("naming a blob", errno);
    file_.Close();
    Status synced = SyncDirectory(folder_);
    if (synced.ok()) return BlobId{id_};
    ::unlink(name.c_str());
    return std::move(synced).error();
  }

 private:
  Status WriteChunk(bool last) {
    sealed_.clear();
    TRY(cipher_.Seal({kPlaceInFile, next_index_++, last}, chunk_, sealed_));
    chunk_.clear();
    return WriteAll(file_.get(), sealed_);
  }

  const std::string id_, staged_, folder_;
  FileDescriptor file_;  // until sealed
  const BlobCipher cipher_;
  std::string chunk_, sealed_;
  uint32_t next_index_ = 0;
  uint64_t size_ = 0;
};

class FileBlobReader : public BlobReader {
 public:
  FileBlobReader(FileDescriptor file, uint64_t size, std::string id, std::string_view master_key, std::string_view salt)
      : file_(std::move(file)), size_(size), id_(std::move(id)), cipher_(master_key, salt, kFilePurpose) {}

  uint64_t size() const override { return size_; }
  Result<std::string> Read(uint64_t offset, size_t max) const override {
    return ReadSealedRun(cipher_, {file_.get(), kHeadBytes, size_, kPlaceInFile}, offset, max, id_);
  }

 private:
  const FileDescriptor file_;
  const uint64_t size_;
  const std::string id_;
  const BlobCipher cipher_;
};

class PlainBlobReader : public BlobReader {
 public:
  PlainBlobReader(FileDescriptor file, uint64_t size) : file_(std::move(file)), size_(size) {}

  uint64_t size() const override { return size_; }
  Result<std::string> Read(uint64_t offset, size_t max) const override {
    if (offset >= size_) return std::string();
    std::string bytes(static_cast<size_t>(std::min<uint64_t>(max, size_ - offset)), '\0');
    for (size_t filled = 0; filled < bytes.size();) {
      const ssize_t got = PositionedRead(file_.get(), bytes.data() + filled, bytes.size() - filled, offset + filled);
      if (got < 0) return SystemError("reading a blob", errno);
      if (got == 0) return Internal("a blob is shorter than it was: something else changes the data directory");
      filled += static_cast<size_t>(got);
    }
    return bytes;
  }

 private:
  const FileDescriptor file_;
  const uint64_t size_;
};

Result<std::shared_ptr<const BlobReader>> ReaderOf(FileDescriptor file, uint64_t file_bytes, std::string_view id,
                                                   std::string_view master_key) {
  if (IsPlainFileBlobId(id)) return std::make_shared<const PlainBlobReader>(std::move(file), file_bytes);
  std::string head(kHeadBytes, '\0');
  const ssize_t got = PositionedRead(file.get(), head.data(), head.size(), 0);
  if (got < 0) return SystemError(fmt::format("reading blob {}", id), errno);
  if (static_cast<size_t>(got) != kHeadBytes || !head.starts_with(kBlobFileMagic)) {
    return Internal(fmt::format("blob {} is damaged: it does not begin as it should", id));
  }
  const uint64_t size = TRY(PlainSize(file_bytes - kHeadBytes));
  return std::make_shared<const FileBlobReader>(std::move(file), size, std::string(id), master_key,
                                                std::string_view(head).substr(kBlobFileMagic.size()));
}

// The ids among the names in a folder; nothing else in there is ours.
Result<std::vector<std::string>> IdsIn(const std::string& folder) {
  DIR* const directory = ::opendir(folder.c_str());
  if (directory == nullptr) return SystemError(fmt::format("listing {}", folder), errno);
  std::vector<std::string> ids;
  while (const dirent* entry = ::readdir(directory)) {
    if (IsFileId(entry->d_name)) ids.emplace_back(entry->d_name);
  }
  ::closedir(directory);
  return ids;
}

// A second name for the same bytes; that it is there already is as good.
Status Link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return {};
  return SystemError(fmt::format("linking {}", to), errno);
}

Error Missing(std::string_view id) {
  return Error{Kind::kNotFound, kBlobMissing, fmt::format("there is no blob {}", id)};
}

}  // namespace

Result<std::unique_ptr<BlobFiles>> BlobFiles::Open(const std::string& directory, RunNumber run,
                                                   std::string_view master_key, Trash& trash) {
  std::unique_ptr<BlobFiles> files(new BlobFiles(directory, run, master_key, trash));
  TRY(files->EnsureFolders());
  return files;
}

BlobFiles::BlobFiles(const std::string& directory, RunNumber run, std::string_view master_key, Trash& trash)
    : blobs_(directory + "/blobs"),
      staging_(directory + "/staging"),
      golden_(directory + "/golden"),
      run_(run),
      master_key_(master_key),
      trash_(trash) {}

Status BlobFiles::EnsureFolders() const {
  for (const std::string& folder : {blobs_, staging_, golden_}) TRY(EnsureDirectory(folder));
  for (int i = 0; i < kFolders; ++i) {
    const std::string folder = fmt::format("{}/{:02x}", blobs_, i);
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      return SystemError(fmt::format("creating the folder {}", folder), errno);
    }
  }
  return SyncDirectory(blobs_);
}

std::string BlobFiles::Blob(std::string_view id) const { return fmt::format("{}/{}/{}", blobs_, FolderOf(id), id); }
std::string BlobFiles::Staged(std::string_view id) const { return fmt::format("{}/{}", staging_, id); }
std::string BlobFiles::Golden(std::string_view id) const { return fmt::format("{}/{}", golden_, id); }

Result<std::unique_ptr<BlobWriter>> BlobFiles::Create() {
  std::string id = NewFileBlobId(run_);
  std::string staged = Staged(id), folder = fmt::format("{}/{}", blobs_, FolderOf(id));
  const std::string salt = RandomBytes(kSaltBytes);
  FileDescriptor file = TRY(OpenFile(staged, O_WRONLY | O_CREAT | O_EXCL));
  const int descriptor = file.get();
  // From here on the writer removes the file when anything fails.
  auto writer = std::make_unique<FileBlobWriter>(std::move(id), std::move(staged), std::move(folder), std::move(file),
                                                 master_key_, salt);
  TRY(WriteAll(descriptor, std::string(kBlobFileMagic) + salt));
  return writer;
}

Result<std::shared_ptr<const BlobReader>> BlobFiles::OpenBlob(std::string_view id) const {
  if (!IsFileId(id)) return Missing(id.substr(0, 64));
  for (const std::string& path : {Blob(id), Golden(id)}) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid() && errno == ENOENT) continue;
    struct stat status {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0) return SystemError(fmt::format("opening {}", path), errno);
    return ReaderOf(std::move(file), static_cast<uint64_t>(status.st_size), id, master_key_);
  }
  return Missing(id);
}

// Not synced: a blob that comes back after a power cut is swept, for no record names it.
Status BlobFiles::Remove(std::string_view id) { return IsFileId(id) ? trash_.Throw(Blob(id)) : Status(); }

Result<size_t> BlobFiles::Sweep(SweepOf which, const std::function<bool(const BlobId&)>& is_referenced,
                                const std::stop_token& stop) {
  size_t removed = 0;
  const auto judged = [&](const std::string& id) {
    return !stop.stop_requested() && (which == SweepOf::kEverything || RunOfFileBlob(id) != run_);
  };
  for (const std::string& id : TRY(IdsIn(staging_))) {
    if (!judged(id)) continue;
    TRY(trash_.Throw(Staged(id)));
    ++removed;
  }
  TRY(ForEachBlob([&](const std::string& id) -> Status {
    if (!judged(id) || is_referenced(BlobId{id})) return {};
    ++removed;
    return trash_.Throw(Blob(id));
  }));
  return removed;
}

// --- the golden state

// Links are added before any is taken away: a copy with too much in it is still a good copy.
Status BlobFiles::SaveGolden() {
  std::unordered_set<std::string> kept;
  TRY(ForEachBlob([&](const std::string& id) -> Status {
    kept.insert(id);
    return Link(Blob(id), Golden(id));
  }));
  TRY(SyncDirectory(golden_));
  for (const std::string& id : TRY(IdsIn(golden_))) {
    if (!kept.contains(id)) TRY(trash_.Throw(Golden(id)));
  }
  return {};
}

// Not synced: what a power cut undoes, OpenBlob finds among the golden blobs.
Status BlobFiles::RestoreGolden() {
  const std::vector<std::string> ids = TRY(IdsIn(golden_));
  const std::unordered_set<std::string> golden(ids.begin(), ids.end());
  TRY(ForEachBlob([&](const std::string& id) -> Status {
    if (golden.contains(id)) return {};
    return trash_.Throw(Blob(id));
  }));
  for (const std::string& id : ids) TRY(Link(Golden(id), Blob(id)));
  return {};
}

Status BlobFiles::Clear() {
  return ForEachBlob([&](const std::string& id) { return trash_.Throw(Blob(id)); });
}

Status BlobFiles::ForEachBlob(const std::function<Status(const std::string& id)>& each) const {
  for (int i = 0; i < kFolders; ++i) {
    for (const std::string& id : TRY(IdsIn(fmt::format("{}/{:02x}", blobs_, i)))) TRY(each(id));
  }
  return {};
}

}  // namespace meetinity::store
