#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace meetinity::store {

// The version of the watched tables (ReadTx::watched_version): odd while a commit that changes them is under way. One
// thread changes it at a time, the database's writer; any may read it.
class WatchedVersion {
 public:
  // Between which the change becomes visible to views that begin.
  void BeginChange() { number_.fetch_add(1); }
  void EndChange() { number_.fetch_add(1); }

  std::optional<uint64_t> Read() const {
    const uint64_t number = number_.load();
    return number % 2 == 0 ? std::optional(number) : std::nullopt;
  }

 private:
  std::atomic<uint64_t> number_{0};
};

}  // namespace meetinity::store
