#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "engine/edge/conditional.h"
#include "engine/edge/config.h"
#include "engine/edge/freshness.h"
#include "net/http.h"
#include "net/http_client.h"

namespace meetinity::edge {

// The head of an origin's answer as viewers see it: hop-by-hop and origin-private fields taken out, the edge's own
// constant ones put in, both blocks ready to be sent. Immutable; shared by the cache and every response made of it.
struct ResponseHead {
  int status = 0;
  net::HeaderBlock headers;       // for 200 and the like, without what changes from viewer to viewer
  net::HeaderBlock not_modified;  // for 304
  std::string etag;               // as viewers see it: weak when the edge compressed
  std::string origin_etag;        // as the origin knows it, for revalidation
  std::string last_modified;      // as sent
  std::optional<Instant> last_modified_at;
  std::string content_type;
  std::optional<uint64_t> content_length;  // what the origin announced; none when it sent chunks
  bool encoded_at_edge = false;            // compressed by us: sent without a length, and never in parts

  Validators validators() const { return {etag, last_modified_at}; }
};
using ResponseHeadPtr = std::shared_ptr<const ResponseHead>;

// What an origin's answer says, taken apart once.
struct OriginAnswer {
  ResponseHeadPtr head;
  AnswerTraits traits;
  bool has_content_encoding = false;
};

// Which fields may pass to viewers, and what every response carries.
struct HeadRules {
  const CachePolicy* policy = nullptr;
  const OriginRequestPolicy* origin_request = nullptr;  // null: none
  std::string_view via;                                 // "1.1 … (CloudFront)"
  std::string_view pop;
};

OriginAnswer ReadAnswer(const net::ResponseHeadView& view, const HeadRules& rules);

// What a stored head says of its lifetime.
AnswerTraits TraitsOf(const ResponseHead& head);

// The head of the same response in `coding` ("gzip", "br"): Content-Encoding and Vary added, the entity tag weakened.
ResponseHeadPtr WithEncoding(const ResponseHead& plain, std::string_view coding);

// The stored head with what a 304 brought (RFC 9111, section 4.3.4).
ResponseHeadPtr Refreshed(const ResponseHead& stored, const ResponseHead& not_modified);

// What of a head cannot be worked out from the rest, as it is kept on disk.
struct HeadParts {
  int status = 0;
  net::HeaderBlock fields;
  std::string_view origin_etag;
  std::optional<uint64_t> content_length;
  bool encoded_at_edge = false;
};
ResponseHeadPtr RestoreHead(HeadParts parts);

// True for a policy that lets the viewer's cookies reach the origin, which then may set some.
bool ForwardsCookies(const CachePolicy& policy, const OriginRequestPolicy* origin_request);

}  // namespace meetinity::edge
