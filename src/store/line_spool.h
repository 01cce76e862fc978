#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/files.h"

namespace meetinity::store {

struct LineSpoolOptions {
  // One segment is read into memory whole when it is delivered.
  uint64_t segment_bytes_max = uint64_t{16} << 20;
  // All segments together. At 500 bytes a line and 1,000 requests a second this is half an hour without a recipient.
  uint64_t bytes_max = uint64_t{1} << 30;
};

// Lines on their way to somebody else: appended by any thread, taken away a segment at a time.
//
// A line is in the kernel's hands when Append returns, so it survives kill -9; Sync is what makes it survive a power
// cut. Segments keep their names until they are removed, also across restarts, so that a delivery that was interrupted
// can be repeated under the same name. Files are 0600 in a folder of their own. Thread-safe.
class LineSpool {
 public:
  // Whatever segments the folder holds from before are finished ones.
  static Result<std::unique_ptr<LineSpool>> Open(std::string directory, const Clock& clock,
                                                 LineSpoolOptions options = {});

  // `lines` are whole ones, each with its '\n': all of them are kept, or on an error none. kSpoolFull beyond
  // bytes_max; kDiskFull.
  Status Append(std::string_view lines);
  // What was appended before the call survives a power cut when it returns.
  Status Sync();

  struct Segment {
    std::string name;  // never used twice
    Instant begun;
  };
  // Closes the segment in use, if it holds anything, and lists all that are closed, oldest first.
  Result<std::vector<Segment>> Finish();
  // Without a last line that a crash cut short.
  Result<std::string> Read(const Segment& segment) const;
  // Once its lines are where they belong.
  Status Remove(const Segment& segment);
  // Forgets every line.
  Status Clear();

  uint64_t bytes() const;  // of all segments

 private:
  LineSpool(std::string directory, const Clock& clock, LineSpoolOptions options)
      : directory_(std::move(directory)), clock_(clock), options_(options) {}
  Status Adopt();
  Status Begin();
  std::string PathOf(std::string_view name) const;
  // Under mutex_.
  Status Close();

  struct Closed {
    Segment segment;
    uint64_t bytes = 0;
  };

  const std::string directory_;
  const Clock& clock_;
  const LineSpoolOptions options_;

  mutable std::mutex mutex_;
  std::shared_ptr<FileDescriptor> file_;  // null: no segment is in use; shared with a Sync under way
  Closed open_;
  std::vector<Closed> closed_;
  uint64_t bytes_ = 0;
};

}  // namespace meetinity::store
