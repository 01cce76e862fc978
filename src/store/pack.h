#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/result.h"
#include "store/blob_cipher.h"
#include "store/files.h"
#include "store/pack_format.h"

namespace meetinity::store {

// One pack file: records written and synced in groups, read while they are removed, and given back as holes.
// Thread-safe. pack_format.h says what lies where.
class Pack {
 public:
  // Nothing is opened before it is needed.
  Pack(uint64_t number, std::string path, std::string_view master_key);
  // A new, empty one, durable under its name.
  static Result<std::shared_ptr<Pack>> Create(uint64_t number, std::string path, std::string_view master_key);

  uint64_t number() const { return number_; }
  const std::string& path() const { return path_; }

  // Sets aside room for a record; nothing when the pack is full or closed. Every place is then either written or
  // abandoned, by one call of Write.
  std::optional<PackPlace> Reserve(uint32_t length);
  // Returns when the record can be read.
  Status Write(const PackPlace& place, std::string_view blob);
  // Returns when a record that was written is on the disk. One fdatasync covers all records that have been written when
  // it begins. After a failure nothing more is reserved here, and what was not synced never will be: the kernel forgets
  // what it could not write.
  Status MakeDurable(const PackPlace& place);
  // No more records. True when none is on its way either.
  bool Close();
  // True once after Close, when the last record on its way has arrived: what was punched meanwhile can be tidied up.
  bool TakeSettled();

  // Keeps the record's bytes from being given back. False when it is removed, or was never there.
  Result<bool> Pin(const PackPlace& place);
  // All of a small record at once, instead of Pin and Read: whoever has it keeps nothing from being given back, and
  // goes on when the file is gone. For blobs of one chunk. Nothing when it is removed, or was never there.
  struct Held {
    std::string bytes;  // the record, header and all
    std::shared_ptr<const BlobCipher> cipher;
    bool was_last = false;  // as Unpin
  };
  Result<std::optional<Held>> Hold(const PackPlace& place);
  // True when Reclaim has been waiting for this.
  bool Unpin(const PackPlace& place);
  Result<std::string> Read(const PackPlace& place, uint64_t offset, size_t max, std::string_view name);
  static Result<std::string> Open(const PackPlace& place, const Held& held, std::string_view name);

  // From now on the record cannot be pinned. True when it was not marked before and nobody reads it: call Reclaim.
  bool MarkRemoved(const PackPlace& place);
  // Gives the record's blocks back to the file system; a no-op while somebody reads it, and while the pack is written:
  // every hole is a round to the disk that writers would wait for, and Tidy makes one hole of many records.
  Status Reclaim(const PackPlace& place);
  // Gives back all that was removed while the pack was being written. Once it is not any more.
  Status Tidy();
  // True when Tidy would find something to give back.
  bool HasRemoved() const;
  // Nothing but holes, and nothing to come.
  Result<bool> IsEmpty();
  Result<PackWalk> Walk(const std::function<Status(const PackPlace&)>& each);

  // The file is about to lose its name: no record is found here any more, and readers go on.
  void Discard();

  // Lets go of the file's descriptor until somebody needs it again, unless it is being written or read.
  void LetGo();
  bool IsOpen() const;

 private:
  struct File;
  struct Use {
    uint32_t readers = 0;
    bool removed = false;
  };

  Result<std::shared_ptr<const File>> Opened();
  Result<bool> PinAndRead(const File& file, const PackPlace& place, std::string& record);
  Result<bool> HoldsRecord(const File& file, const PackPlace& place) const;
  Result<bool> ReadRecord(const File& file, const PackPlace& place, std::string& record) const;
  bool IsSettled() const { return closed_ && writing_ == 0; }  // with the lock held
  Status PunchRecord(const File& file, const PackPlace& place);
  Status Punch(const File& file, uint64_t from, uint64_t to) const;
  bool MayGo(const PackPlace& place) const;  // removed, and nobody reads it

  const uint64_t number_;
  const std::string path_;
  const std::string_view master_key_;  // its owner outlives every pack

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::shared_ptr<const File> file_;
  std::unordered_map<uint32_t, Use> uses_;  // by offset; only of records that are read or being removed
  uint64_t next_ = 0;                       // offset of the next record
  bool closed_ = true;
  bool settled_taken_ = true;
  bool discarded_ = false;
  uint32_t writing_ = 0;  // reserved and not yet arrived

  // Offsets of records in the file that are not on the disk: those that no sync has been begun for, and those that the
  // one under way covers.
  std::unordered_set<uint32_t> unsynced_, syncing_;
  Status failed_;
};

}  // namespace meetinity::store
