#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "engine/edge/response_policy.h"
#include "engine/edge/signed_access.h"
#include "net/http_client.h"
#include "net/tls.h"

namespace meetinity::edge {

enum class ViewerProtocol { kAllowAll, kHttpsOnly, kRedirectToHttps };

// Which of a request's names take part: none, those listed, all but those listed, or all.
enum class Selection { kNone, kWhitelist, kAllExcept, kAll };

struct NameSelection {
  Selection selection = Selection::kNone;
  std::set<std::string, std::less<>> names;  // header names lower case; cookies and queries as written
};

// What tells one cached response from another, besides distribution and path, and how long it stays fresh.
struct CachePolicy {
  Duration min_ttl{0};
  Duration default_ttl = std::chrono::hours(24);
  Duration max_ttl = std::chrono::hours(24 * 365);
  NameSelection headers, cookies, queries;
  bool accept_encoding_gzip = false;
  bool accept_encoding_brotli = false;
  bool compress = false;  // compress at the edge what the origin sent plain
};

// What the origin gets to see beyond the cache key.
struct OriginRequestPolicy {
  NameSelection headers, cookies, queries;
  // Of the edge's own headers (CloudFront-Viewer-Country and its like), lower case: no selection of a viewer's headers
  // means these.
  std::set<std::string, std::less<>> edge_headers;
};

// Adds what an origin wants to see of a trusted caller: a SigV4 signature (OAC, OAI), say. Called on reactor threads,
// from several at once, after every other header is in place; must not block.
class RequestSigner {
 public:
  virtual ~RequestSigner() = default;
  virtual void Sign(net::ClientRequest& request) const = 0;
};

struct OriginConfig {
  std::string id;
  std::string host;        // Host header, and the name in error pages
  net::Endpoint endpoint;  // where the bytes come from
  // Where they come from for a viewer on TLS, of an origin that is asked as viewers ask; none: as for all others.
  std::optional<net::Endpoint> tls_endpoint;
  std::string path;  // prepended: "" or "/production"
  std::vector<std::pair<std::string, std::string>> custom_headers;
  std::shared_ptr<const RequestSigner> signer;
  int connection_attempts = 3;
  Duration connection_timeout = std::chrono::seconds(10);
  Duration read_timeout = std::chrono::seconds(30);
};

// Two origins, of which the second is asked when the first gives no answer, or one that should not be.
struct OriginGroup {
  std::string id;
  std::string primary_id, secondary_id;
  std::set<int> failover_statuses;
};

struct Behavior {
  std::string path_pattern;  // '*' and '?'; empty for the default one
  std::string origin_id;     // or an origin group's
  ViewerProtocol viewer_protocol = ViewerProtocol::kAllowAll;
  std::set<std::string, std::less<>> allowed_methods = {"GET", "HEAD"};
  std::set<std::string, std::less<>> cached_methods = {"GET", "HEAD"};
  CachePolicy cache;
  std::optional<OriginRequestPolicy> origin_request;
  std::shared_ptr<const ResponsePolicy> response;   // null: answers leave as they are
  std::shared_ptr<const TrustedKeys> trusted_keys;  // null: everybody is served
};

struct CustomError {
  int status = 0;
  Duration caching_min_ttl = std::chrono::seconds(10);
  std::string response_page_path;  // empty: none
  int response_status = 0;
};

// Everything under `pattern` that was fetched before the rule became known is stale. `pattern` is a path, with the
// query string where queries are in the key, and may end in '*'.
struct Invalidation {
  std::string id;
  std::string pattern;
};

// Countries that are served, or not. Viewers of whom nobody knows where they are, are.
struct GeoRestriction {
  enum class Kind { kNone, kOnly, kAllBut };
  Kind kind = Kind::kNone;
  std::set<std::string, std::less<>> countries;  // ISO 3166-1 alpha-2
};

struct Distribution {
  std::string id;
  std::string domain_name;           // "d123.cloudfront.localhost"
  std::vector<std::string> aliases;  // exact or "*.x"
  bool enabled = true;
  bool http2 = true;
  std::string default_root_object;
  std::vector<OriginConfig> origins;
  std::vector<OriginGroup> groups;
  GeoRestriction geo;
  std::vector<Behavior> behaviors;  // in order; the last one is the default
  std::vector<CustomError> errors;
  // In front of every line of this distribution in the access log, for whoever takes the lines away; without tabs and
  // line ends. Empty: its requests are not logged.
  std::string log_stream;
  bool log_cookies = false;
  std::shared_ptr<const net::TlsServerContext> certificate;  // for aliases and domain; null: the house's own
};

// Everything the edge serves, complete and immutable. `number` grows with every change of state.
struct EdgeConfig {
  uint64_t number = 0;
  std::vector<Distribution> distributions;
};
using EdgeConfigPtr = std::shared_ptr<const EdgeConfig>;

}  // namespace meetinity::edge
