#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

// What would become of a request, and why: `meetinity edge explain`. Asks no origin and changes nothing.
namespace meetinity::edge {

struct EdgeCore;
class SiteMap;

// A viewer's request, as far as it matters.
struct Question {
  bool tls = true;
  std::string method = "GET";
  std::string authority = {};                                     // the Host header
  std::string path = {};                                          // as sent, "/…"
  std::optional<std::string> query = {};                          // after '?'
  std::vector<std::pair<std::string, std::string>> headers = {};  // by lower-case name
  std::string address = "127.0.0.1";
};

enum class Tier { kNone, kMemory, kDisk };

struct Explanation {
  // "Hit", "Miss", "RefreshHit", "Redirect" or "Error", as X-Cache would begin, and a sentence.
  std::string_view result = {};
  std::string reason = {};

  // Empty from where the request would have ended before.
  std::string distribution_id = {}, path_pattern = {}, origin = {};
  std::string path = {};    // that is looked up
  std::string key = {};     // all that tells answers apart, readable
  Tier tier = Tier::kNone;  // where an answer lies for that key, usable or not
  int status = 0;           // its own
  uint64_t body_bytes = 0;
  std::optional<Duration> age = {};        // since it was stored or proved
  std::optional<Duration> fresh_for = {};  // below zero: stale for so long
  bool is_invalidated = false;
};

// Blocks on the disk where there is a disk tier; thread-safe.
Explanation Explain(const EdgeCore& core, const SiteMap& sites, const Question& question, Instant now);

}  // namespace meetinity::edge
