#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "store/blob_id.h"
#include "store/blob_store.h"
#include "store/pack.h"
#include "store/reclaimer.h"
#include "store/trash.h"

namespace meetinity::store {

// The small blobs of a store: a folder of packs, one of which is being written. Every process begins a new pack, so
// nothing is recovered at start: what earlier ones acknowledged was synced, and what they did not, no record names.
//
// The golden state is a list of packs whose records stay where they are, removed or not, until another list takes its
// place. Thread-safe, but for the golden operations, which run while nothing else does.
class Packs {
 public:
  struct Options {
    std::string folder;       // exists
    std::string golden_list;  // a file; may not exist
    RunNumber run = 0;        // of this process; no earlier pack has it
  };
  // `master_key` and `trash` outlive the packs, and `trash` is on the same file system. Readers may outlive them.
  static Result<std::unique_ptr<Packs>> Open(Options options, std::string_view master_key, Trash& trash);
  ~Packs();

  // Writes the blob, which can be read from now on, and is on the disk after MakeDurable. At most kPackedBytesMax.
  Result<PackPlace> Append(std::string_view blob);
  // Returns when the record is on the disk: at once where a sync since has covered it.
  Status MakeDurable(const PackPlace& place);
  Result<std::shared_ptr<const BlobReader>> OpenBlob(const PackPlace& place) const;  // kBlobMissing
  void Remove(const PackPlace& place);
  Result<size_t> Sweep(SweepOf which, const std::function<bool(const PackPlace&)>& is_referenced,
                       const std::stop_token& stop);

  Status SaveGolden();
  Status RestoreGolden();
  Status Clear();

  // Waits until what was removed is given back.
  void Drain() { reclaimer_->Drain(); }

 private:
  using PackPtr = std::shared_ptr<Pack>;

  Packs(Options options, std::string_view master_key, Trash& trash);
  Status Load();
  PackPtr Find(uint64_t number) const;
  std::vector<PackPtr> All() const;
  bool IsGolden(uint64_t number) const;
  Result<PackPtr> Active();
  void MakeRoom(const PackPtr& pack);
  void CloseActive();  // with append_mutex_ held
  void TidyIfSettled(const PackPtr& pack);
  void Defer(const PackPlace& place);  // with mutex_ held
  void RemoveNow(const PackPtr& pack, const PackPlace& place);
  Status Drop(const PackPtr& pack);
  Status DropAllBut(const std::unordered_set<uint64_t>& kept);
  Result<size_t> SweepPack(const PackPtr& pack, const std::function<bool(const PackPlace&)>& is_referenced,
                           const std::stop_token& stop);

  const Options options_;
  const std::string_view master_key_;
  Trash& trash_;

  std::mutex append_mutex_;  // guards which pack is written; held while one is made; taken before mutex_
  PackPtr active_;
  uint32_t next_sequence_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  std::map<uint64_t, PackPtr> packs_;
  mutable std::deque<uint64_t> opened_;  // in the order in which their descriptors were opened
  std::unordered_set<uint64_t> golden_;
  // Removed since the golden state was saved, and still a part of it.
  std::vector<PackPlace> deferred_;
  // Whether everything golden is: the state was cleared and not restored since.
  bool all_deferred_ = false;

  const std::shared_ptr<std::atomic<uint64_t>> held_bytes_ = std::make_shared<std::atomic<uint64_t>>(0);
  std::shared_ptr<Reclaimer> reclaimer_;  // last; readers that outlive us find it gone or stopped
};

}  // namespace meetinity::store
