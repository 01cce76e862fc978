#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/blob_id.h"
#include "store/blob_store.h"
#include "store/trash.h"

namespace meetinity::store {

// The blobs that are files of their own. Where everything lies below one directory, which is one file system, or links
// and renames would fail; NAME is a blob's id:
//
//   blobs/ab/NAME    sealed; the folders 00 to ff, by the first random digits of the id, keep each of them short
//   staging/NAME     being written
//   golden/NAME      hard links of what blobs/ held at SaveGolden
//
// A file begins with kBlobFileMagic and the salt of its key, and goes on with one sealed run (blob_cipher.h). Those of
// older programs are the plain bytes. Thread-safe, but for the golden operations, which run while nothing else does.
inline constexpr std::string_view kBlobFileMagic = "MTNYBLB1";

class BlobFiles {
 public:
  // `master_key` and `trash` outlive it.
  static Result<std::unique_ptr<BlobFiles>> Open(const std::string& directory, RunNumber run,
                                                 std::string_view master_key, Trash& trash);

  // The writer does not outlive it.
  Result<std::unique_ptr<BlobWriter>> Create();
  Result<std::shared_ptr<const BlobReader>> OpenBlob(std::string_view id) const;  // kBlobMissing
  Status Remove(std::string_view id);
  Result<size_t> Sweep(SweepOf which, const std::function<bool(const BlobId&)>& is_referenced,
                       const std::stop_token& stop);

  // Hard links of everything there is now, and back again.
  Status SaveGolden();
  Status RestoreGolden();
  Status Clear();

 private:
  BlobFiles(const std::string& directory, RunNumber run, std::string_view master_key, Trash& trash);
  Status EnsureFolders() const;
  Status ForEachBlob(const std::function<Status(const std::string& id)>& each) const;

  std::string Blob(std::string_view id) const;
  std::string Staged(std::string_view id) const;
  std::string Golden(std::string_view id) const;

  const std::string blobs_, staging_, golden_;
  const RunNumber run_;
  const std::string_view master_key_;
  Trash& trash_;
};

}  // namespace meetinity::store
