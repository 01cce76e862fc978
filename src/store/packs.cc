#include "store/packs.h"

#include <dirent.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "base/bytes.h"
#include "base/log.h"
#include "store/private_file.h"

namespace meetinity::store {
namespace {

constexpr std::string_view kPackSuffix = ".pack";
constexpr size_t kNumberDigits = 16;

// Descriptors that reading may keep open: 64 GiB of packs, and a quarter of what a process usually may have.
constexpr size_t kOpenPacksMax = 256;

// What is remembered of removals that the golden state delays, 24 bytes each; the rest is found by the next start.
constexpr size_t kDeferredMax = 1'000'000;

// Of small blobs that are opened and not sent yet: a thousand answers of the largest. Past it, and so where an object
// of ten thousand small parts is read, blobs stay in their files until each is wanted.
constexpr uint64_t kHeldBytesMax = 64 * 1024 * 1024;

// A line a pack; this many lines are a petabyte.
constexpr uint64_t kGoldenListBytesMax = 64 * 1024 * 1024;

std::string PathOf(const std::string& folder, uint64_t number) {
  return fmt::format("{}/{:016x}{}", folder, number, kPackSuffix);
}

Error Missing(const PackPlace& place) {
  return Error{Kind::kNotFound, kBlobMissing, fmt::format("there is no blob {}", PackedBlobId(place))};
}

Error Stopped() { return Error{Kind::kUnavailable, kStoreBusy, "the sweep was told to end"}; }

class PackedBlobReader : public BlobReader {
 public:
  // The record is pinned.
  PackedBlobReader(std::shared_ptr<Pack> pack, const PackPlace& place, std::weak_ptr<Reclaimer> reclaimer)
      : pack_(std::move(pack)), place_(place), reclaimer_(std::move(reclaimer)) {}
  ~PackedBlobReader() override {
    if (!pack_->Unpin(place_)) return;
    if (const auto reclaimer = reclaimer_.lock()) reclaimer->Reclaim(pack_, place_);
  }

  uint64_t size() const override { return place_.length; }
  Result<std::string> Read(uint64_t offset, size_t max) const override {
    return pack_->Read(place_, offset, max, PackedBlobId(place_));
  }

 private:
  const std::shared_ptr<Pack> pack_;
  const PackPlace place_;
  const std::weak_ptr<Reclaimer> reclaimer_;
};

// A small blob, whose record was read when it was opened: one read of the file for both. Its bytes are opened where
// they are asked for.
class HeldBlobReader : public BlobReader {
 public:
  // `held_bytes` counts what all of these hold.
  HeldBlobReader(const PackPlace& place, Pack::Held held, std::shared_ptr<std::atomic<uint64_t>> held_bytes)
      : place_(place), held_(std::move(held)), held_bytes_(std::move(held_bytes)) {
    *held_bytes_ += held_.bytes.size();
  }
  ~HeldBlobReader() override { *held_bytes_ -= held_.bytes.size(); }

  uint64_t size() const override { return place_.length; }
  Result<std::string> Read(uint64_t offset, size_t max) const override {
    if (offset >= place_.length) return std::string();
    std::string blob = TRY(Pack::Open(place_, held_, PackedBlobId(place_)));
    if (offset == 0 && max >= blob.size()) return blob;
    return blob.substr(static_cast<size_t>(offset), max);
  }

 private:
  const PackPlace place_;
  const Pack::Held held_;
  const std::shared_ptr<std::atomic<uint64_t>> held_bytes_;
};

}  // namespace

Packs::Packs(Options options, std::string_view master_key, Trash& trash)
    : options_(std::move(options)),
      master_key_(master_key),
      trash_(trash),
      reclaimer_(std::make_shared<Reclaimer>([this](const PackPtr& pack) {
        if (IsGolden(pack->number())) return;
        const Status dropped = Drop(pack);
        if (!dropped.ok()) Log(LogLevel::kWarning, "store", "{}", dropped.error().detail);
      })) {}

Packs::~Packs() {
  reclaimer_->Stop();  // a reader may hold the last reference
}

Result<std::unique_ptr<Packs>> Packs::Open(Options options, std::string_view master_key, Trash& trash) {
  std::unique_ptr<Packs> packs(new Packs(std::move(options), master_key, trash));
  TRY(packs->Load());
  return packs;
}

Status Packs::Load() {
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(options_.folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(kPackSuffix)) continue;
    const auto number = ParseHexNumber(name.substr(0, name.size() - kPackSuffix.size()), kNumberDigits);
    if (number) packs_[*number] = std::make_shared<Pack>(*number, PathOf(options_.folder, *number), master_key_);
  }
  if (failure) return SystemError(fmt::format("listing {}", options_.folder), failure.value());
  const std::optional<std::string> list = TRY(ReadPrivateFile(options_.golden_list, kGoldenListBytesMax));
  for (size_t at = 0; list && at + kNumberDigits < list->size(); at += kNumberDigits + 1) {
    const auto number = ParseHexNumber(std::string_view(*list).substr(at, kNumberDigits), kNumberDigits);
    if (!number) return Internal(fmt::format("{} is not what was written", options_.golden_list));
    golden_.insert(*number);
  }
  return {};
}

// --- finding

Packs::PackPtr Packs::Find(uint64_t number) const {
  PackPtr to_close;
  const std::lock_guard lock(mutex_);
  const auto found = packs_.find(number);
  if (found == packs_.end()) return nullptr;
  if (!found->second->IsOpen()) {
    opened_.push_back(number);
    if (opened_.size() > kOpenPacksMax) {
      const auto oldest = packs_.find(opened_.front());
      opened_.pop_front();
      if (oldest != packs_.end()) oldest->second->LetGo();
    }
  }
  return found->second;
}

std::vector<Packs::PackPtr> Packs::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<PackPtr> all;
  all.reserve(packs_.size());
  for (const auto& [number, pack] : packs_) all.push_back(pack);
  return all;
}

bool Packs::IsGolden(uint64_t number) const {
  const std::lock_guard lock(mutex_);
  return golden_.contains(number);
}

Result<std::shared_ptr<const BlobReader>> Packs::OpenBlob(const PackPlace& place) const {
  PackPtr pack = Find(place.pack);
  if (!pack) return Missing(place);
  if (place.length <= kChunkBytes && *held_bytes_ < kHeldBytesMax) {
    std::optional<Pack::Held> held = TRY(pack->Hold(place));
    if (!held) return Missing(place);
    if (held->was_last) reclaimer_->Reclaim(pack, place);
    return std::make_shared<const HeldBlobReader>(place, *std::move(held), held_bytes_);
  }
  if (!TRY(pack->Pin(place))) return Missing(place);
  return std::make_shared<const PackedBlobReader>(std::move(pack), place, reclaimer_);
}

// --- writing

Result<PackPlace> Packs::Append(std::string_view blob) {
  CHECK(blob.size() <= kPackedBytesMax);
  PackPtr pack;
  std::optional<PackPlace> place;
  {
    const std::lock_guard lock(append_mutex_);
    while (!place) {
      pack = TRY(Active());
      place = pack->Reserve(static_cast<uint32_t>(blob.size()));
      if (!place) CloseActive();
    }
  }
  const Status written = pack->Write(*place, blob);
  if (!written.ok()) MakeRoom(pack);
  TidyIfSettled(pack);
  if (!written.ok()) return written.error();
  return *place;
}

Status Packs::MakeDurable(const PackPlace& place) {
  const PackPtr pack = Find(place.pack);
  return pack ? pack->MakeDurable(place) : Missing(place);
}

// Where the disk is full, what was removed from the pack that is being written is wanted back at once.
void Packs::MakeRoom(const PackPtr& pack) {
  const std::lock_guard lock(append_mutex_);
  if (active_ == pack && pack->HasRemoved()) CloseActive();
}

Result<Packs::PackPtr> Packs::Active() {
  if (active_) return active_;
  const uint64_t number = PackNumber(options_.run, next_sequence_++);
  active_ = TRY(Pack::Create(number, PathOf(options_.folder, number), master_key_));
  const std::lock_guard lock(mutex_);
  packs_[number] = active_;
  return active_;
}

void Packs::CloseActive() {
  if (!active_) return;
  (void)active_->Close();
  TidyIfSettled(active_);
  active_.reset();
}

void Packs::TidyIfSettled(const PackPtr& pack) {
  if (pack->TakeSettled()) reclaimer_->Tidy(pack);
}

// --- removing

void Packs::Defer(const PackPlace& place) {
  if (deferred_.size() < kDeferredMax) deferred_.push_back(place);
}

void Packs::RemoveNow(const PackPtr& pack, const PackPlace& place) {
  if (pack->MarkRemoved(place)) reclaimer_->Reclaim(pack, place);
}

void Packs::Remove(const PackPlace& place) {
  const PackPtr pack = Find(place.pack);
  if (!pack) return;
  {
    const std::lock_guard lock(mutex_);
    if (golden_.contains(place.pack)) return Defer(place);
  }
  RemoveNow(pack, place);
}

Status Packs::Drop(const PackPtr& pack) {
  {
    const std::lock_guard lock(mutex_);
    packs_.erase(pack->number());
  }
  pack->Discard();
  return trash_.Throw(pack->path());
}

Result<size_t> Packs::Sweep(SweepOf which, const std::function<bool(const PackPlace&)>& is_referenced,
                            const std::stop_token& stop) {
  if (which == SweepOf::kEverything) {
    {
      const std::lock_guard lock(append_mutex_);
      CloseActive();
    }
    Drain();  // what is being given back already is not found once more
  }
  size_t removed = 0;
  for (const PackPtr& pack : All()) {
    if (which == SweepOf::kEarlierRuns && RunOfPack(pack->number()) == options_.run) continue;
    Result<size_t> swept = SweepPack(pack, is_referenced, stop);
    if (stop.stop_requested()) break;
    if (swept.ok()) {
      removed += *swept;
    } else {  // one bad pack keeps no other from being swept
      Log(LogLevel::kError, "store", "sweeping {}: {}", pack->path(), swept.error().detail);
    }
  }
  return removed;
}

Result<size_t> Packs::SweepPack(const PackPtr& pack, const std::function<bool(const PackPlace&)>& is_referenced,
                                const std::stop_token& stop) {
  (void)Find(pack->number());  // its descriptor counts among those that are open
  size_t removed = 0, kept = 0;
  const PackWalk walk = TRY(pack->Walk([&](const PackPlace& place) -> Status {
    if (stop.stop_requested()) return Stopped();
    if (is_referenced(place)) {
      ++kept;
      return {};
    }
    {
      const std::lock_guard lock(mutex_);
      if (golden_.contains(place.pack)) {
        Defer(place);
        return {};
      }
    }
    if (!pack->MarkRemoved(place)) return {};
    ++removed;
    return pack->Reclaim(place);
  }));
  if (!walk.whole) {
    Log(LogLevel::kWarning, "store", "{} is torn at byte {}; what lies after stays", pack->path(), walk.end);
  } else if (kept == 0 && !IsGolden(pack->number())) {
    TRY(Drop(pack));
  }
  return removed;
}

// --- the golden state

// The list is on the disk before anything it no longer names goes.
Status Packs::SaveGolden() {
  {
    const std::lock_guard lock(append_mutex_);
    CloseActive();
  }
  std::unordered_set<uint64_t> dropped, golden;
  std::vector<PackPlace> given_back;
  {
    const std::lock_guard lock(mutex_);
    if (all_deferred_) dropped = golden_;
  }
  std::string list;
  for (const PackPtr& pack : All()) {
    if (dropped.contains(pack->number())) continue;
    golden.insert(pack->number());
    fmt::format_to(std::back_inserter(list), "{:016x}\n", pack->number());
  }
  TRY(WritePrivateFile(options_.golden_list, list));
  {
    const std::lock_guard lock(mutex_);
    golden_ = std::move(golden);
    given_back.swap(deferred_);
    all_deferred_ = false;
  }
  for (const uint64_t number : dropped) {
    if (const PackPtr pack = Find(number)) TRY(Drop(pack));
  }
  for (const PackPlace& place : given_back) {
    if (const PackPtr pack = Find(place.pack)) RemoveNow(pack, place);
  }
  return {};
}

Status Packs::DropAllBut(const std::unordered_set<uint64_t>& kept) {
  {
    const std::lock_guard lock(append_mutex_);
    CloseActive();
  }
  for (const PackPtr& pack : All()) {
    if (!kept.contains(pack->number())) TRY(Drop(pack));
  }
  return {};
}

Status Packs::RestoreGolden() {
  std::unordered_set<uint64_t> golden;
  {
    const std::lock_guard lock(mutex_);
    golden = golden_;
    deferred_.clear();
    all_deferred_ = false;
  }
  return DropAllBut(golden);
}

Status Packs::Clear() {
  std::unordered_set<uint64_t> golden;
  {
    const std::lock_guard lock(mutex_);
    golden = golden_;
    deferred_.clear();
    all_deferred_ = true;
  }
  return DropAllBut(golden);
}

}  // namespace meetinity::store
