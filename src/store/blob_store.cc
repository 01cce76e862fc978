#include "store/blob_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "base/bytes.h"
#include "base/log.h"
#include "base/random.h"
#include "store/files.h"
#include "store/trash.h"

namespace meetinity::store {
namespace {

constexpr size_t kIdBytes = 16;  // random: two of 2^64 blobs would have to be made before two ids meet

BlobId NewBlobId() { return BlobId{HexEncode(RandomBytes(kIdBytes))}; }

bool IsBlobId(std::string_view text) {
  return text.size() == 2 * kIdBytes && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Where everything lies below one directory, which is one file system, or links and renames would fail:
//   blobs/ab/abcdef…   sealed; the folders 00 to ff keep each of them short
//   staging/abcdef…    being written
//   golden/abcdef…     hard links of what blobs/ held at SaveGolden
//   trash/             on its way out
struct Layout {
  std::string blobs, staging, golden, trash;

  explicit Layout(const std::string& directory)
      : blobs(directory + "/blobs"),
        staging(directory + "/staging"),
        golden(directory + "/golden"),
        trash(directory + "/trash") {}
  std::string Folder(std::string_view id) const { return fmt::format("{}/{}", blobs, id.substr(0, 2)); }
  std::string Blob(std::string_view id) const { return fmt::format("{}/{}/{}", blobs, id.substr(0, 2), id); }
  std::string Staged(std::string_view id) const { return fmt::format("{}/{}", staging, id); }
  std::string Golden(std::string_view id) const { return fmt::format("{}/{}", golden, id); }
};

constexpr int kFolders = 256;

class FileBlobWriter : public BlobWriter {
 public:
  FileBlobWriter(const Layout& layout, BlobId id, FileDescriptor file)
      : layout_(layout), id_(std::move(id)), file_(std::move(file)) {}
  ~FileBlobWriter() override {
    if (file_.valid()) ::unlink(layout_.Staged(id_.text).c_str());
  }

  Status Append(std::string_view bytes) override {
    TRY(WriteAll(file_.get(), bytes));
    size_ += bytes.size();
    return {};
  }

  uint64_t size() const override { return size_; }

  // The bytes are on the disk before they get their name, and the name before anybody learns it. Concurrent seals share
  // the file system's journal commits by themselves: syncing folders in groups of our own measured no faster.
  Result<BlobId> Seal() override {
    CHECK(file_.valid());
    if (::fdatasync(file_.get()) != 0) return SystemError("syncing a blob", errno);
    const std::string name = layout_.Blob(id_.text);
    if (::rename(layout_.Staged(id_.text).c_str(), name.c_str()) != 0) return SystemError("naming a blob", errno);
    file_.Close();
    Status synced = SyncDirectory(layout_.Folder(id_.text));
    if (synced.ok()) return id_;
    ::unlink(name.c_str());
    return std::move(synced).error();
  }

 private:
  const Layout& layout_;
  const BlobId id_;
  FileDescriptor file_;  // until sealed
  uint64_t size_ = 0;
};

class FileBlobReader : public BlobReader {
 public:
  FileBlobReader(FileDescriptor file, uint64_t size) : file_(std::move(file)), size_(size) {}

  uint64_t size() const override { return size_; }
  int descriptor() const override { return file_.get(); }

  Result<std::string> Read(uint64_t offset, size_t max) const override {
    if (offset >= size_) return std::string();
    std::string bytes(static_cast<size_t>(std::min<uint64_t>(max, size_ - offset)), '\0');
    for (size_t filled = 0; filled < bytes.size();) {
      const ssize_t got =
          ::pread(file_.get(), bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(offset + filled));
      if (got < 0 && errno == EINTR) continue;
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

// The ids among the names in a folder; nothing else in there is ours.
Result<std::vector<std::string>> IdsIn(const std::string& folder) {
  DIR* const directory = ::opendir(folder.c_str());
  if (directory == nullptr) return SystemError(fmt::format("listing {}", folder), errno);
  std::vector<std::string> ids;
  while (const dirent* entry = ::readdir(directory)) {
    if (IsBlobId(entry->d_name)) ids.emplace_back(entry->d_name);
  }
  ::closedir(directory);
  return ids;
}

// A second name for the same bytes; that it is there already is as good.
Status Link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return {};
  return SystemError(fmt::format("linking {}", to), errno);
}

class FileBlobStore : public BlobStore {
 public:
  explicit FileBlobStore(const std::string& directory) : layout_(directory) {}

  Status EnsureFolders() {
    for (const std::string& folder : {layout_.blobs, layout_.staging, layout_.golden, layout_.trash}) {
      TRY(EnsureDirectory(folder));
    }
    trash_ = std::make_unique<Trash>(layout_.trash);
    for (int i = 0; i < kFolders; ++i) {
      const std::string folder = fmt::format("{}/{:02x}", layout_.blobs, i);
      if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return SystemError(fmt::format("creating the folder {}", folder), errno);
      }
    }
    return SyncDirectory(layout_.blobs);
  }

  Result<std::unique_ptr<BlobWriter>> Create() override {
    BlobId id = NewBlobId();
    FileDescriptor file = TRY(OpenFile(layout_.Staged(id.text), O_WRONLY | O_CREAT | O_EXCL));
    return std::make_unique<FileBlobWriter>(layout_, std::move(id), std::move(file));
  }

  Result<std::shared_ptr<const BlobReader>> OpenBlob(const BlobId& id) const override {
    if (!IsBlobId(id.text)) return Missing(id);
    for (const std::string& path : {layout_.Blob(id.text), layout_.Golden(id.text)}) {
      FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!file.valid() && errno == ENOENT) continue;
      struct stat status {};
      if (!file.valid() || ::fstat(file.get(), &status) != 0)
        return SystemError(fmt::format("opening {}", path), errno);
      return std::make_shared<const FileBlobReader>(std::move(file), static_cast<uint64_t>(status.st_size));
    }
    return Missing(id);
  }

  // Not synced: a blob that comes back after a power cut is swept, for no record names it.
  void Remove(const BlobId& id) override {
    if (!IsBlobId(id.text)) return;
    const Status removed = trash_->Throw(layout_.Blob(id.text));
    if (!removed.ok())
      Log(LogLevel::kWarning, "store", "a blob stays until the next start: {}", removed.error().detail);
  }

  Result<size_t> Sweep(const std::function<bool(const BlobId&)>& is_referenced) override {
    size_t removed = 0;
    for (const std::string& id : TRY(IdsIn(layout_.staging))) {
      TRY(trash_->Throw(layout_.Staged(id)));
      ++removed;
    }
    TRY(ForEachBlob([&](const std::string& id) -> Status {
      if (is_referenced(BlobId{id})) return {};
      ++removed;
      return trash_->Throw(layout_.Blob(id));
    }));
    return removed;
  }

  // Links are added before any is taken away: a copy with too much in it is still a good copy.
  Status SaveGolden() override {
    std::unordered_set<std::string> kept;
    TRY(ForEachBlob([&](const std::string& id) -> Status {
      kept.insert(id);
      return Link(layout_.Blob(id), layout_.Golden(id));
    }));
    TRY(SyncDirectory(layout_.golden));
    for (const std::string& id : TRY(IdsIn(layout_.golden))) {
      if (!kept.contains(id)) TRY(trash_->Throw(layout_.Golden(id)));
    }
    return {};
  }

  // Not synced: what a power cut undoes, OpenBlob finds among the golden blobs.
  Status RestoreGolden() override {
    const std::vector<std::string> ids = TRY(IdsIn(layout_.golden));
    const std::unordered_set<std::string> golden(ids.begin(), ids.end());
    TRY(ForEachBlob([&](const std::string& id) -> Status {
      if (golden.contains(id)) return {};
      return trash_->Throw(layout_.Blob(id));
    }));
    for (const std::string& id : ids) TRY(Link(layout_.Golden(id), layout_.Blob(id)));
    return {};
  }

  Status Clear() override {
    return ForEachBlob([&](const std::string& id) { return trash_->Throw(layout_.Blob(id)); });
  }

 private:
  Status ForEachBlob(const std::function<Status(const std::string& id)>& each) const {
    for (int i = 0; i < kFolders; ++i) {
      for (const std::string& id : TRY(IdsIn(fmt::format("{}/{:02x}", layout_.blobs, i)))) TRY(each(id));
    }
    return {};
  }

  static Error Missing(const BlobId& id) {
    return Error{Kind::kNotFound, kBlobMissing, fmt::format("there is no blob {}", id.text.substr(0, 64))};
  }

  const Layout layout_;
  std::unique_ptr<Trash> trash_;  // since EnsureFolders
};

}  // namespace

Result<std::unique_ptr<BlobStore>> BlobStore::Open(std::string directory) {
  auto store = std::make_unique<FileBlobStore>(directory);
  TRY(store->EnsureFolders());
  return store;
}

}  // namespace meetinity::store
