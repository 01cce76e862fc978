#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "store/pack.h"

namespace meetinity::store {

// Gives the room of removed records back, on a thread of its own: punching a hole takes the file system's journal, too
// long for a commit's action. Thread-safe.
class Reclaimer {
 public:
  // `emptied` is called on the thread with a pack that may have lost its last record.
  explicit Reclaimer(std::function<void(const std::shared_ptr<Pack>&)> emptied);
  // Ends after the record in hand; the next start's sweep finds the rest.
  ~Reclaimer();

  void Reclaim(std::shared_ptr<Pack> pack, const PackPlace& place);
  void Tidy(std::shared_ptr<Pack> pack);
  // Waits until everything asked for so far is done.
  void Drain();
  // Nothing more is done, and what is asked for from now on is forgotten.
  void Stop();

 private:
  struct Task {
    std::shared_ptr<Pack> pack;
    std::optional<PackPlace> record;  // nothing: tidy
  };

  void Add(Task task);
  void Run();
  void Do(const Task& task) const;

  const std::function<void(const std::shared_ptr<Pack>&)> emptied_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool busy_ = false;
  bool stopping_ = false;
  bool complained_ = false;
  std::thread thread_;  // last, for it uses all of these
};

}  // namespace meetinity::store
