#include "engine/edge/disk_tier.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/log.h"
#include "store/files.h"

namespace meetinity::edge {
namespace {

constexpr std::string_view kPrefix = "segment-";

// A sixteenth of the tier goes at a time: few enough files to keep all of them open, small enough that dropping one
// costs little. An object larger than a segment is not kept.
constexpr uint64_t kSegmentShare = 16;
constexpr uint64_t kSegmentBytesMin = 1024 * 1024;
constexpr uint64_t kSegmentBytesMax = 128 * 1024 * 1024;

// One object a KiB at most, so that the index, of up to 43 bytes each, stays a small part of what it describes.
constexpr uint64_t kBytesPerObject = 1024;
constexpr uint64_t kObjectsMin = 1024;

// What may wait for the writer: a second's worth of a fast disk, in bodies that would be kept a little longer in
// memory.
constexpr size_t kQueueMax = 8'192;
constexpr uint64_t kQueueBytesMax = 64 * 1024 * 1024;

// Of a segment that is dropped, this part may be written again; the rest has to earn its place anew.
constexpr uint64_t kSurvivingShare = 2;

// At least what `entry` takes as a record.
uint64_t RoomFor(const CacheEntry& entry) {
  return sizeof(RecordHeader) + entry.key.size() + entry.head->origin_etag.size() + 1 +
         entry.head->headers.http1_bytes().size() + entry.body.bytes.size() + kRecordAlignment;
}

std::optional<uint32_t> NumberOf(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number == 0) return std::nullopt;
  return number;
}

std::vector<uint32_t> SegmentsIn(const std::string& folder) {
  std::vector<uint32_t> numbers;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    if (const auto number = NumberOf(file.path().filename().string())) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

DiskTier::DiskTier(std::string folder, ByteCount capacity, LetGo let_go)
    : folder_(std::move(folder)),
      capacity_(capacity.value),
      segment_bytes_(std::clamp(capacity.value / kSegmentShare, kSegmentBytesMin, kSegmentBytesMax)),
      objects_max_(std::max(kObjectsMin, capacity.value / kBytesPerObject)),
      let_go_(std::move(let_go)) {}

Status DiskTier::Empty(const std::string& folder) {
  for (const uint32_t number : SegmentsIn(folder)) {
    std::error_code error;
    std::filesystem::remove(fmt::format("{}/{}{}", folder, kPrefix, number), error);
    if (error)
      return Internal(fmt::format("a segment of the cache in {} cannot be removed: {}", folder, error.message()));
  }
  return {};
}

Result<std::unique_ptr<DiskTier>> DiskTier::Open(std::string folder, ByteCount capacity, LetGo let_go) {
  auto tier = std::unique_ptr<DiskTier>(new DiskTier(std::move(folder), capacity, std::move(let_go)));
  TRY(tier->FindSegments());
  tier->writer_ = std::thread([tier = tier.get()] { tier->Work(); });
  return tier;
}

DiskTier::~DiskTier() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  wakes_.notify_all();
  if (writer_.joinable()) writer_.join();
}

Status DiskTier::FindSegments() {
  for (const uint32_t number : SegmentsIn(folder_)) {
    Result<SegmentPtr> segment = DiskSegment::Open(PathOf(number), number, segment_bytes_);
    if (!segment.ok()) return segment.error();
    segments_.emplace(number, std::move(segment).value());
    newest_ = number;
  }
  return {};
}

std::string DiskTier::PathOf(uint32_t number) const { return fmt::format("{}/{}{}", folder_, kPrefix, number); }

// --- reading

DiskTier::SegmentPtr DiskTier::Find(uint32_t number) const {
  const std::lock_guard lock(segments_mutex_);
  const auto found = segments_.find(number);
  return found == segments_.end() ? nullptr : found->second;
}

EntryPtr DiskTier::Load(uint64_t hash, std::string_view key) {
  const std::optional<DiskIndex::Place> place = index_.Find(hash);
  if (!place) return nullptr;
  const SegmentPtr segment = Find(place->segment);
  std::shared_ptr<CacheEntry> entry;
  if (segment) entry = segment->Read(uint64_t{place->unit} * kRecordAlignment, key);
  if (!entry) {
    // Harmed, or another key's of the same hash, which is as rare; either way it would only be tried in vain again.
    if (segment) counters_.damaged.fetch_add(1, std::memory_order_relaxed);
    if (index_.Find(hash) == place) index_.Erase(hash);
    return nullptr;
  }
  entry->offered.store(true, std::memory_order_relaxed);
  return entry;
}

// --- writing

void DiskTier::Offer(const EntryPtr& entry) {
  if (entry->kind != EntryKind::kResponse || entry->status >= 400 || RoomFor(*entry) > segment_bytes_) return;
  if (entry->key.size() > kRecordKeyMax || entry->head->headers.http1_bytes().size() > kRecordHeadMax / 2) return;
  {
    const std::lock_guard lock(queue_mutex_);
    const uint64_t bytes = entry->body.bytes.size();
    if (queue_.size() >= kQueueMax || (queued_bytes_ > 0 && queued_bytes_ + bytes > kQueueBytesMax)) {
      counters_.dropped_offers.fetch_add(1, std::memory_order_relaxed);
      entry->offered.store(false, std::memory_order_relaxed);  // it may come again
      return;
    }
    queue_.push_back(entry);
    queued_bytes_ += bytes;
  }
  wakes_.notify_one();
}

void DiskTier::Work() {
  ScanSegments();
  std::unique_lock lock(queue_mutex_);
  for (;;) {
    while (queue_.empty() && !stopping_) {
      is_idle_ = true;
      settled_.notify_all();
      wakes_.wait(lock);
      is_idle_ = false;
    }
    if (queue_.empty()) return;  // stopping: what was accepted is written
    EntryPtr entry = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= entry->body.bytes.size();
    lock.unlock();
    Write(entry);
    entry.reset();
    lock.lock();
  }
}

void DiskTier::Settle() {
  std::unique_lock lock(queue_mutex_);
  settled_.wait(lock, [this] { return is_idle_ && queue_.empty(); });
}

// Newest first: what was written last is what is asked for first.
void DiskTier::ScanSegments() {
  std::vector<SegmentPtr> found;
  uint64_t generation = 0;
  {
    const std::lock_guard lock(segments_mutex_);
    generation = generation_;
    for (const auto& [number, segment] : segments_) found.push_back(segment);
  }
  for (auto segment = found.rbegin(); segment != found.rend(); ++segment) {
    {
      const std::lock_guard lock(queue_mutex_);
      if (stopping_) return;
    }
    // A place that comes in just after Clear names a segment that is not there; Load takes it out.
    if (generation != generation_) return;
    (*segment)->Scan([&](const RecordHeader& header, uint64_t offset) {
      if (generation != generation_) return;
      index_.Put(header.hash, {(*segment)->number(), static_cast<uint32_t>(offset / kRecordAlignment)});
    });
  }
}

void DiskTier::Write(const EntryPtr& entry) {
  const uint64_t generation = generation_;
  if (WriteOnce(*entry, generation)) return;
  // A full disk, as a rule: our own oldest bytes make room. What still does not fit is let go.
  counters_.write_errors.fetch_add(1, std::memory_order_relaxed);
  DropOldest();
  if (!WriteOnce(*entry, generation)) counters_.dropped_offers.fetch_add(1, std::memory_order_relaxed);
}

bool DiskTier::WriteOnce(const CacheEntry& entry, uint64_t generation) {
  const SegmentPtr segment = SegmentFor(RoomFor(entry));
  if (!segment) return false;
  const Result<uint64_t> offset = segment->Append(entry);
  const std::lock_guard lock(segments_mutex_);
  if (!offset.ok()) {
    current_.reset();  // nothing goes behind a record that may be torn
    return false;
  }
  if (generation != generation_) return true;
  index_.Put(entry.hash, {segment->number(), static_cast<uint32_t>(*offset / kRecordAlignment)});
  counters_.written.fetch_add(1, std::memory_order_relaxed);
  return true;
}

DiskTier::SegmentPtr DiskTier::SegmentFor(uint64_t bytes) {
  MakeRoom(bytes);
  const std::lock_guard lock(segments_mutex_);
  if (current_ && current_->HasRoomFor(bytes)) return current_;
  current_.reset();
  Result<SegmentPtr> made = DiskSegment::Create(PathOf(newest_ + 1), newest_ + 1, segment_bytes_);
  if (!made.ok()) {
    Log(LogLevel::kWarning, "edge", "the disk tier cannot grow: {}", made.error().detail);
    return nullptr;
  }
  ++newest_;
  current_ = std::move(made).value();
  segments_.emplace(newest_, current_);
  return current_;
}

// A dropped segment's survivors take room themselves, so this is done once a write: the bound may be passed by half a
// segment until the next one.
void DiskTier::MakeRoom(uint64_t bytes) {
  const Stats now = stats();
  if (now.bytes + bytes > capacity_ || now.objects >= objects_max_) DropOldest();
}

void DiskTier::DropOldest() {
  SegmentPtr oldest;
  uint64_t generation = 0;
  {
    const std::lock_guard lock(segments_mutex_);
    if (segments_.empty()) return;
    oldest = segments_.begin()->second;
    segments_.erase(segments_.begin());
    if (oldest == current_) current_.reset();
    generation = generation_;
  }
  index_.EraseBefore(oldest->number() + 1);
  uint64_t left = oldest->size() / kSurvivingShare;
  for (const EntryPtr& entry : oldest->Drop()) {
    // Asked for again since it came into memory, and still there: worth its place. After `Drop` nobody can take up the
    // old bytes, so the entry goes; the next request reads it from where it is now.
    const uint64_t bytes = entry->body.bytes.size();
    const bool survives = !entry->retired.load(std::memory_order_relaxed) &&
                          entry->frequency.load(std::memory_order_relaxed) > 0 && bytes <= left;
    if (survives) {
      left -= bytes;
      SegmentPtr room;
      {
        const std::lock_guard lock(segments_mutex_);
        if (current_ && current_->HasRoomFor(RoomFor(*entry))) room = current_;
      }
      const Result<uint64_t> offset = room ? room->Append(*entry) : Result<uint64_t>(Internal("no room"));
      const std::lock_guard lock(segments_mutex_);
      if (offset.ok() && generation == generation_) {
        index_.Put(entry->hash, {room->number(), static_cast<uint32_t>(*offset / kRecordAlignment)});
      } else if (room) {
        current_.reset();
      }
    }
    let_go_(*entry);
  }
}

void DiskTier::Clear() {
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.clear();
    queued_bytes_ = 0;
  }
  std::map<uint32_t, SegmentPtr> gone;
  {
    const std::lock_guard lock(segments_mutex_);
    ++generation_;
    gone.swap(segments_);
    current_.reset();
    index_.Clear();
  }
  for (const auto& [number, segment] : gone) {
    for (const EntryPtr& entry : segment->Drop()) let_go_(*entry);
  }
}

DiskTier::Stats DiskTier::stats() const {
  Stats stats;
  {
    const std::lock_guard lock(segments_mutex_);
    for (const auto& [number, segment] : segments_) stats.bytes += segment->size();
  }
  stats.objects = index_.size();
  stats.index_bytes = index_.memory_bytes();
  stats.written = counters_.written.load(std::memory_order_relaxed);
  stats.dropped_offers = counters_.dropped_offers.load(std::memory_order_relaxed);
  stats.damaged = counters_.damaged.load(std::memory_order_relaxed);
  stats.write_errors = counters_.write_errors.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace meetinity::edge
