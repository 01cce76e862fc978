#pragma once

#include <map>
#include <memory>
#include <string>

#include "aws/cloudfront/state.h"
#include "base/guarded.h"

namespace meetinity::cloudfront {

// Stored configurations, parsed: a client that waits for a distribution asks for it again and again, and parsing is
// most of what the answer costs. Thread-safe.
//
// An entry counts only for the very text it was parsed from, so nobody has to say when one is outdated.
class ConfigCache {
 public:
  Result<DistributionConfig> Load(const DistributionRecord& record);

 private:
  // Tens of kilobytes each, and more than are being watched at once.
  static constexpr size_t kEntriesMax = 64;

  struct Parsed {
    std::string text;
    DistributionConfig config;
  };
  Guarded<std::map<std::string, std::shared_ptr<const Parsed>>> by_id_;
};

}  // namespace meetinity::cloudfront
