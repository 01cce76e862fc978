#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace meetinity::cli {

// What a house does by itself every now and then. `run` may block, but for its own sake should look at the token.
struct Chore {
  std::string_view name;
  Duration every;
  std::function<Status(const std::stop_token& stop)> run;
};

// Does chores on a thread of its own, one after another; a first time after `every`, so that a start is not held up.
// Runs from its making to its destruction.
class Housekeeping {
 public:
  Housekeeping(const Clock& clock, std::vector<Chore> chores);

 private:
  void Run(const std::stop_token& stop);

  const Clock& clock_;
  const std::vector<Chore> chores_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it ends before what it uses goes
};

}  // namespace meetinity::cli
