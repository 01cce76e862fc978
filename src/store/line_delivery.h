#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "store/line_spool.h"

namespace meetinity::store {

struct LineDeliveryOptions {
  Duration interval = std::chrono::minutes(5);
  Duration sync_interval = std::chrono::seconds(1);  // what a power cut may cost
  // What has not found its place by then is dropped, so that one that is gone does not fill the disk. AWS delivers its
  // logs up to 24 hours late.
  Duration lines_kept_max = std::chrono::hours(24);
};

// Brings lines from a spool to the objects that they belong to.
//
// Any thread appends lines to the spool, where they survive the process. Every few minutes the spool's segment is
// closed and the lines in it that belong together become one object. Its name follows from the segment's and the
// lines', so a delivery that a crash interrupted writes the same objects again and never a line twice. Thread-safe.
class LineDelivery {
 public:
  // Where a line goes: the same name for the same segment, always.
  struct Place {
    std::string bucket, key;
    auto operator<=>(const Place&) const = default;
  };
  struct Sorted {
    Place place;
    std::string_view line;  // what of it is delivered, the '\n' included
  };
  // Nothing for a line that belongs nowhere: a power cut may leave what the disk held before in a segment's middle.
  using Sort = std::function<std::optional<Sorted>(std::string_view line, const LineSpool::Segment& segment)>;
  // Stores one object; may block. Called by one thread at a time.
  using Put = std::function<Status(const Place& place, std::string lines)>;

  // `what` names the lines in the log: "cloudfront".
  LineDelivery(LineSpool& spool, const Clock& clock, std::string what, Sort sort, Put put,
               LineDeliveryOptions options = {});
  ~LineDelivery();

  // Whole lines, each with its '\n'.
  void Append(std::string_view lines);

  // Begins to deliver by itself, every `interval`.
  void Start();
  // Ends that, and returns once no delivery is under way.
  void Stop();
  // Delivers all that was appended before, now. What a place refuses stays for the next time; an error says so.
  Status Deliver();
  // Forgets what has not been delivered: the house goes back to another state.
  Status Discard();

 private:
  void Run();
  Status DeliverSegment(const LineSpool::Segment& segment);

  LineSpool& spool_;
  const Clock& clock_;
  const std::string what_;
  const Sort sort_;
  const Put put_;
  const LineDeliveryOptions options_;

  std::mutex delivering_;                        // one delivery at a time
  std::map<std::string, std::set<Place>> done_;  // of segments that are still there because of other places
  std::atomic<bool> refusing_{false};            // lines are being lost, and that was said

  std::mutex waiting_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace meetinity::store
