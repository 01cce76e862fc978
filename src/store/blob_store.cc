#include "store/blob_store.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <limits>

#include "base/log.h"
#include "base/random.h"
#include "store/blob_cipher.h"
#include "store/blob_files.h"
#include "store/blob_id.h"
#include "store/database.h"
#include "store/files.h"
#include "store/packs.h"
#include "store/private_file.h"
#include "store/trash.h"

namespace meetinity::store {
namespace {

// Gathers a blob until it is too large for a pack.
class GatheringWriter : public BlobWriter {
 public:
  GatheringWriter(Packs& packs, BlobFiles& files) : packs_(packs), files_(files) {}

  Status Append(std::string_view bytes) override {
    if (file_) return file_->Append(bytes);
    if (gathered_.size() + bytes.size() <= kPackedBytesMax) {
      gathered_ += bytes;
      return {};
    }
    file_ = TRY(files_.Create());
    TRY(file_->Append(gathered_));
    std::string().swap(gathered_);
    return file_->Append(bytes);
  }

  uint64_t size() const override { return file_ ? file_->size() : gathered_.size(); }

  Result<BlobId> Seal() override {
    if (file_) return file_->Seal();
    return BlobId{PackedBlobId(TRY(packs_.Append(gathered_)))};
  }

 private:
  Packs& packs_;
  BlobFiles& files_;
  std::string gathered_;
  std::unique_ptr<BlobWriter> file_;  // once it is too large
};

// The master key, wiped from memory when it is no longer used.
struct MasterKey {
  std::string bytes;
  MasterKey() = default;
  MasterKey(const MasterKey&) = delete;
  MasterKey& operator=(const MasterKey&) = delete;
  ~MasterKey() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

constexpr size_t kRunDigits = 8;

// Counted before anything is written, so that no two processes ever write as the same run.
Result<RunNumber> NextRun(const std::string& path) {
  const std::optional<std::string> earlier = TRY(ReadPrivateFile(path, kRunDigits));
  const auto number = earlier ? ParseHexNumber(*earlier, kRunDigits) : 0;
  if (!number || *number >= std::numeric_limits<RunNumber>::max()) {
    return Internal(fmt::format("{} is not the number that was written", path));
  }
  const auto run = static_cast<RunNumber>(*number + 1);
  TRY(WritePrivateFile(path, fmt::format("{:08x}", run)));
  return run;
}

Status LoadMasterKey(const std::string& path, bool is_new, MasterKey& key) {
  std::optional<std::string> stored = TRY(ReadPrivateFile(path, kMasterKeyBytes));
  if (!stored && is_new) {
    stored = RandomBytes(kMasterKeyBytes);
    TRY(WritePrivateFile(path, *stored));
  }
  if (!stored) return Internal(fmt::format("{} is missing; without it no blob can be read", path));
  if (stored->size() != kMasterKeyBytes) {
    return Internal(fmt::format("{} must hold {} bytes, but holds {}; without the true key no blob can be read", path,
                                kMasterKeyBytes, stored->size()));
  }
  key.bytes.assign(*stored);
  OPENSSL_cleanse(stored->data(), stored->size());
  return {};
}

class PackingBlobStore : public BlobStore {
 public:
  Status OpenAll(const std::string& directory) {
    for (const std::string& folder : {directory, directory + "/packs", directory + "/trash"}) {
      TRY(EnsureDirectory(folder));
    }
    const std::string run_file = directory + "/run";
    const bool is_new = !TRY(ReadPrivateFile(run_file, kRunDigits)).has_value();
    TRY(LoadMasterKey(directory + "/blob-key", is_new, key_));
    const RunNumber run = TRY(NextRun(run_file));
    trash_ = std::make_unique<Trash>(directory + "/trash");
    files_ = TRY(BlobFiles::Open(directory, run, key_.bytes, *trash_));
    packs_ = TRY(Packs::Open({directory + "/packs", directory + "/golden-packs", run}, key_.bytes, *trash_));
    return {};
  }

  Result<std::unique_ptr<BlobWriter>> Create() override { return std::make_unique<GatheringWriter>(*packs_, *files_); }

  Result<std::shared_ptr<const BlobReader>> OpenBlob(const BlobId& id) const override {
    if (const auto place = ParsePackedBlobId(id.text)) return packs_->OpenBlob(*place);
    return files_->OpenBlob(id.text);
  }

  void CommitWith(Tx& tx, const BlobId& id) override {
    const auto place = ParsePackedBlobId(id.text);
    if (!place) return;  // a file is on the disk since it was sealed
    tx.BeforeCommit([this, place = *place] { return packs_->MakeDurable(place); });
  }

  void Remove(const BlobId& id) override {
    if (const auto place = ParsePackedBlobId(id.text)) return packs_->Remove(*place);
    const Status removed = files_->Remove(id.text);
    if (!removed.ok())
      Log(LogLevel::kWarning, "store", "a blob stays until the next start: {}", removed.error().detail);
  }

  Result<size_t> Sweep(SweepOf which, const std::function<bool(const BlobId&)>& is_referenced,
                       const std::stop_token& stop) override {
    const size_t files = TRY(files_->Sweep(which, is_referenced, stop));
    const auto place_is_referenced = [&](const PackPlace& place) { return is_referenced(BlobId{PackedBlobId(place)}); };
    return files + TRY(packs_->Sweep(which, place_is_referenced, stop));
  }

  Status SaveGolden() override {
    TRY(files_->SaveGolden());
    return packs_->SaveGolden();
  }
  Status RestoreGolden() override {
    TRY(files_->RestoreGolden());
    return packs_->RestoreGolden();
  }
  Status Clear() override {
    TRY(files_->Clear());
    return packs_->Clear();
  }

 private:
  MasterKey key_;
  std::unique_ptr<Trash> trash_;
  std::unique_ptr<BlobFiles> files_;
  std::unique_ptr<Packs> packs_;
};

}  // namespace

Result<std::unique_ptr<BlobStore>> BlobStore::Open(std::string directory) {
  auto store = std::make_unique<PackingBlobStore>();
  TRY(store->OpenAll(directory));
  return store;
}

}  // namespace meetinity::store
