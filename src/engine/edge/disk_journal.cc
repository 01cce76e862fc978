#include "engine/edge/disk_journal.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "engine/edge/invalidation_log.h"
#include "store/private_file.h"

namespace meetinity::edge {
namespace {

// A note: its payload's size and the size's complement, so that a flipped size does not pass for a cut; the payload's
// XXH3; the payload.
struct FrameHead {
  uint32_t size = 0, complement = 0;
  uint64_t checksum = 0;
};

// 3 000 paths, the most an invalidation may name, of 4 KiB each.
constexpr uint32_t kPayloadMax = 16 * 1024 * 1024;

// Beyond this it is rewritten: a few thousand invalidations later.
constexpr uint64_t kRewriteAt = 4 * 1024 * 1024;
// What a file may reasonably have grown to: the largest past of some hundred distributions.
constexpr uint64_t kFileMax = uint64_t{1} << 30;

constexpr char kRun = 'R', kSite = 'S', kNoSite = 'X', kRules = 'I', kAllSince = 'A';

void AppendNumber(std::string& out, uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void AppendText(std::string& out, std::string_view text) {
  AppendNumber(out, text.size());
  out += text;
}

std::string Note(char type, uint64_t number) {
  std::string payload(1, type);
  AppendNumber(payload, number);
  return payload;
}

std::string Frame(std::string_view payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  const FrameHead head{size, ~size, XXH3_64bits(payload.data(), payload.size())};
  std::string frame(sizeof head, '\0');
  std::memcpy(frame.data(), &head, sizeof head);
  return frame.append(payload);
}

// Takes numbers and texts off a payload; once something is missing, everything is.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view bytes) : bytes_(bytes) {}
  std::optional<uint64_t> Number() {
    uint64_t number = 0;
    if (bytes_.size() < sizeof number) return bytes_ = {}, std::nullopt;
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_.remove_prefix(sizeof number);
    return number;
  }
  std::optional<std::string> Text() {
    const std::optional<uint64_t> size = Number();
    if (!size || *size > bytes_.size()) return bytes_ = {}, std::nullopt;
    std::string text(bytes_.substr(0, *size));
    bytes_.remove_prefix(*size);
    return text;
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

bool ReadNote(std::string_view payload, DiskJournal::Notes& notes) {
  if (payload.empty()) return false;
  PayloadReader reader(payload.substr(1));
  const std::optional<uint64_t> number = reader.Number();
  if (!number) return false;
  switch (payload.front()) {
    case kRun:
      notes.run = *number;
      return true;
    case kSite: {
      const auto id = reader.Text();
      if (id) notes.sites[*number].id = *id;
      return id.has_value();
    }
    case kNoSite:
      notes.sites.erase(*number);
      return true;
    case kAllSince:
    case kRules: {
      const auto site = notes.sites.find(*number);
      const auto invalidation = reader.Number();
      if (site == notes.sites.end() || !invalidation) return false;
      if (payload.front() == kAllSince) site->second.all_since = *invalidation;
      while (!reader.empty()) {
        auto pattern = reader.Text();
        if (!pattern) return false;
        site->second.Add(*invalidation, std::move(*pattern));
      }
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

void SitePast::Add(uint64_t number, std::string pattern) {
  if (pattern == "*" || pattern == "/*") {
    all_since = number;
    rules.clear();
    return;
  }
  rules.emplace_back(number, std::move(pattern));
  while (rules.size() > InvalidationLog::kRulesMax) {
    all_since = rules.front().first;
    while (!rules.empty() && rules.front().first <= all_since) rules.pop_front();
  }
}

DiskJournal::Notes DiskJournal::Read(std::string_view bytes) {
  Notes notes;
  while (!bytes.empty()) {
    FrameHead head;
    if (bytes.size() < sizeof head) return notes;
    std::memcpy(&head, bytes.data(), sizeof head);
    bytes.remove_prefix(sizeof head);
    if (head.complement != ~head.size || head.size > kPayloadMax) return notes.damaged = true, notes;
    if (head.size > bytes.size()) return notes;
    const std::string_view payload = bytes.substr(0, head.size);
    if (XXH3_64bits(payload.data(), payload.size()) != head.checksum || !ReadNote(payload, notes)) {
      return notes.damaged = true, notes;
    }
    bytes.remove_prefix(head.size);
  }
  return notes;
}

Result<std::unique_ptr<DiskJournal>> DiskJournal::Open(std::string path) {
  auto journal = std::unique_ptr<DiskJournal>(new DiskJournal(std::move(path)));
  const auto bytes = TRY(store::ReadPrivateFile(journal->path_, kFileMax));
  if (bytes) {
    Notes notes = Read(*bytes);
    journal->run_ = notes.run;
    // Every file of ours begins with its run's number, and comes into being whole.
    if (notes.damaged || notes.run == 0) {
      journal->found_ = Found::kDamaged;
    } else {
      journal->found_ = Found::kPast;
      journal->sites_ = std::move(notes.sites);
    }
  }
  ++journal->run_;
  TRY(journal->Rewrite());
  return journal;
}

Status DiskJournal::Rewrite() {
  std::string bytes = Frame(Note(kRun, run_));
  for (const auto& [number, site] : sites_) {
    std::string payload = Note(kSite, number);
    AppendText(payload, site.id);
    bytes += Frame(payload);
    payload = Note(kAllSince, number);
    AppendNumber(payload, site.all_since);
    bytes += Frame(payload);
    for (const auto& [invalidation, pattern] : site.rules) {
      payload = Note(kRules, number);
      AppendNumber(payload, invalidation);
      AppendText(payload, pattern);
      bytes += Frame(payload);
    }
  }
  TRY(store::WritePrivateFile(path_, bytes));
  file_ = TRY(store::OpenFile(path_, O_WRONLY | O_APPEND));
  size_ = bytes.size();
  rewrite_at_ = kRewriteAt + 2 * size_;
  return {};
}

Status DiskJournal::Append(std::string_view payload, bool sync) {
  if (size_ > rewrite_at_) return Rewrite();  // `sites_` knows the payload already
  const std::string frame = Frame(payload);
  TRY(store::WriteAll(file_.get(), frame));
  size_ += frame.size();
  if (sync && ::fdatasync(file_.get()) != 0) return store::SystemError("syncing the cache's journal", errno);
  return {};
}

Status DiskJournal::AddSite(uint64_t number, std::string id) {
  std::string payload = Note(kSite, number);
  AppendText(payload, id);
  sites_[number].id = std::move(id);
  return Append(payload, false);
}

Status DiskJournal::RemoveSite(uint64_t number) {
  sites_.erase(number);
  return Append(Note(kNoSite, number), false);
}

Status DiskJournal::Invalidate(uint64_t site, uint64_t number, std::span<const std::string> patterns) {
  const auto past = sites_.find(site);
  if (past == sites_.end()) return Internal("an invalidation of a site that the cache's journal does not know");
  std::string payload = Note(kRules, site);
  AppendNumber(payload, number);
  for (const std::string& pattern : patterns) {
    past->second.Add(number, pattern);
    AppendText(payload, pattern);
  }
  return Append(payload, true);
}

}  // namespace meetinity::edge
