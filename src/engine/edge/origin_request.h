#pragma once

#include <string_view>

#include "engine/edge/cache_entry.h"
#include "engine/edge/cache_key.h"
#include "engine/edge/site.h"
#include "net/http.h"
#include "net/http_client.h"

namespace meetinity::edge {

// All that a request to the origin is made of.
struct OriginAsk {
  const net::RequestHead* viewer = nullptr;
  const net::PeerInfo* peer = nullptr;
  const Site* site = nullptr;
  const SiteBehavior* behavior = nullptr;
  const OriginConfig* origin = nullptr;  // the behaviour's, or its fallback
  std::string_view method;               // what the origin is asked with: GET for a HEAD that fills the cache
  std::string_view path;                 // normalised, without the origin's own prefix
  std::string_view query;                // without what only the edge reads
  bool has_query = false;                // false for the edge's own requests, of an error page say
  const GeoDatabase* geo = nullptr;
  AcceptedEncodings encodings;
  // The viewer's Range and conditions go along: for answers that are not kept.
  bool with_conditions = false;
  const CacheEntry* revalidates = nullptr;
  std::string_view request_id;
};

// Host, User-Agent and all forwarded, added and overriding headers as CloudFront sends them; signed last.
net::ClientRequest BuildOriginRequest(const OriginAsk& ask);

}  // namespace meetinity::edge
