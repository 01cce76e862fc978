#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"

namespace meetinity::store {

// A folder where files go to be removed by a thread of its own. Taking the last name of a file that was synced makes
// the file system give its blocks back, which takes ten times as long as a rename: too long for a commit's action, and
// for a reset of some thousand blobs. Thread-safe.
class Trash {
 public:
  // Begins with what an earlier run left there. The folder exists and is on the file system of what is thrown away.
  explicit Trash(std::string folder);
  // Ends after the file in hand; the next run removes the rest.
  ~Trash();

  // Takes `path` away at once. Missing is not an error.
  Status Throw(const std::string& path);
  // Waits until nothing is left.
  void Drain();

 private:
  void Run();
  void RemoveAll() const;
  bool stopping() const;

  const std::string folder_;
  const std::string run_;  // names of one run differ from every other's
  std::atomic<uint64_t> next_name_{0};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t thrown_ = 1;   // whatever lies there at the start counts for one
  uint64_t removed_ = 0;  // everything thrown up to here is gone
  bool stopping_ = false;
  std::thread thread_;  // last, for it uses all of these
};

}  // namespace meetinity::store
