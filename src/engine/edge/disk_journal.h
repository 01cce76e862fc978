#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/files.h"

namespace meetinity::edge {

// What one distribution was told before, as far as it still matters to what lies on disk.
struct SitePast {
  std::string id;
  uint64_t all_since = 0;                              // fetched before this invalidation: stale
  std::deque<std::pair<uint64_t, std::string>> rules;  // invalidation's number and pattern, oldest first

  // Keeps at most kRulesMax rules; see InvalidationLog.
  void Add(uint64_t number, std::string pattern);
};
using SitePasts = std::map<uint64_t, SitePast>;  // by the number that is in cache keys

// What must be known of the past before anything from the disk tier may be served: which number each distribution has
// in cache keys, and what was invalidated. Append only, each note checksummed, an invalidation on disk before it
// counts; rewritten when it opens and when it has grown. Not thread-safe.
class DiskJournal {
 public:
  // What became of the notes of former runs.
  enum class Found { kPast, kNothing, kDamaged };

  // Reads `path`, takes the next run's number, and writes both anew, durably. Damaged notes are dropped, and with them
  // everything that they vouched for: the caller then empties the tier.
  static Result<std::unique_ptr<DiskJournal>> Open(std::string path);

  Found found() const { return found_; }
  const SitePasts& sites() const { return sites_; }
  // The first number that no former run has given away, neither to a site nor to an invalidation: what a crash took
  // from the journal's end can so never be mistaken for something newer.
  uint64_t first_number() const { return run_ << kRunShift; }

  Status AddSite(uint64_t number, std::string id);
  Status RemoveSite(uint64_t number);
  // Returns when it is on disk.
  Status Invalidate(uint64_t site, uint64_t number, std::span<const std::string> patterns);

  // The notes in `bytes`, for Open and its fuzzer. A note that the end of the file cut short was not promised to
  // anybody; any other that is not whole is damage.
  struct Notes {
    bool damaged = false;
    uint64_t run = 0;
    SitePasts sites;
  };
  static Notes Read(std::string_view bytes);

 private:
  static constexpr int kRunShift = 32;  // 4 billion invalidations a run, and as many runs

  explicit DiskJournal(std::string path) : path_(std::move(path)) {}
  Status Rewrite();
  Status Append(std::string_view payload, bool sync);

  const std::string path_;
  store::FileDescriptor file_;
  uint64_t size_ = 0, rewrite_at_ = 0;
  uint64_t run_ = 0;
  Found found_ = Found::kNothing;
  SitePasts sites_;
};

}  // namespace meetinity::edge
