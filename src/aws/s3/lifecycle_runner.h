#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "store/blob_store.h"
#include "store/database.h"

namespace meetinity::s3 {

// Keeps the lifecycle: a pass when it is made, one after each midnight (UTC) of the clock, and one whenever it is told
// that the clock was moved. On a thread of its own, because a pass over millions of objects takes seconds and nobody
// waits for it. Borrows all it is given. Thread-safe.
class LifecycleRunner {
 public:
  LifecycleRunner(store::Database& database, store::BlobStore& blobs, const Clock& clock);
  ~LifecycleRunner();

  // Begins a pass for the time that it is now. Whether it was done within `patience`; otherwise it goes on by itself.
  bool CatchUp(Duration patience);
  // Ends the pass under way after the step at hand, and whoever waits for it. There are no more passes.
  void Stop();

 private:
  void Run();
  bool RunPass();  // whether it came to its end
  bool stopping();

  store::Database& database_;
  store::BlobStore& blobs_;
  const Clock& clock_;

  std::mutex mutex_;  // of what follows
  std::condition_variable asked_, done_;
  uint64_t rounds_asked_ = 1;  // the one at start
  uint64_t rounds_done_ = 0;
  bool stopping_ = false;

  std::thread thread_;  // last: it uses all the others
};

}  // namespace meetinity::s3
