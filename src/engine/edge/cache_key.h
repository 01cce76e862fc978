#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/edge/config.h"
#include "engine/edge/viewer_facts.h"
#include "net/http.h"

namespace meetinity::edge {

// The content codings that viewer and policy agree on.
struct AcceptedEncodings {
  bool gzip = false;
  bool brotli = false;
  bool any() const { return gzip || brotli; }
  // What the origin is asked with; empty when the header is left out.
  std::string_view ToHeader() const;
};

// Reduces a viewer's Accept-Encoding to what the policy tells apart, so that a hundred spellings share an entry.
AcceptedEncodings ReduceAcceptEncoding(std::string_view header, const CachePolicy& policy);

// True where the policy lists Accept-Encoding as an ordinary header: then the edge neither reduces nor compresses.
bool ForwardsAcceptEncodingAsSent(const CachePolicy& policy);

// What of a request takes part in its key. `path` is normalised already.
struct KeyParts {
  uint64_t site_number = 0;
  bool is_options = false;  // OPTIONS has entries of its own; GET and HEAD share theirs
  std::string_view path = {};
  std::string_view query = {};
  bool has_query = false;
  AcceptedEncodings encodings = {};
  std::span<const net::HeaderView> headers = {};
  std::string_view authority = {};  // stands in for Host, which HTTP/2 does not send
  ViewerFacts facts = {};           // for the edge's own headers
};

// What tells cached responses apart, as bytes; only equal keys mean equal answers. Reused without allocating.
class CacheKey {
 public:
  void Compose(const KeyParts& parts, const CachePolicy& policy);

  const std::string& bytes() const { return bytes_; }
  uint64_t hash() const { return hash_; }
  // What invalidation patterns match: the path, with the query where queries are in the key.
  std::string_view target() const { return std::string_view(bytes_).substr(kTargetAt, target_size_); }
  static constexpr size_t kTargetAt = sizeof(uint64_t) + 1;  // behind the site's number and the flags

 private:
  std::string bytes_;
  size_t target_size_ = 0;
  uint64_t hash_ = 0;
};

}  // namespace meetinity::edge
