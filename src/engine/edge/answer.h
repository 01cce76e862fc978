#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "engine/edge/access_log.h"
#include "engine/edge/byte_range.h"
#include "engine/edge/cache_entry.h"
#include "engine/edge/flight_branch.h"
#include "engine/edge/request_facets.h"
#include "engine/edge/request_id.h"
#include "engine/edge/response_head.h"
#include "engine/edge/response_policy.h"
#include "net/http.h"

namespace meetinity::edge {

// How a request went, as X-Cache and the logs name it.
enum class ResultType { kHit, kMiss, kRefreshHit, kError, kRedirect };
std::string_view ToToken(ResultType type);  // "Hit"

// Which form of a response a viewer gets.
enum class Form { kWhole, kNotModified, kPart, kParts, kUnsatisfiable };
struct FormChoice {
  Form form = Form::kWhole;
  std::vector<ByteRange> ranges;
};

// By the viewer's conditions and ranges. `size` is the body's length when it is known.
FormChoice ChooseForm(const ResponseHead& head, std::optional<uint64_t> size, const RequestFacets& facets);

// Writes answers of one reactor. What every response carries anew (X-Cache, X-Amz-Cf-Id, Age) goes into one block that
// is reused, so that a hit allocates nothing here.
class AnswerWriter {
 public:
  explicit AnswerWriter(std::string_view pop) : pop_(pop) {}

  struct Context {
    net::HttpExchange& exchange;
    const RequestFacets& facets;
    const RequestId& id;
    ResultType result;
    int status_override = 0;  // of a custom error page; such a page is always sent whole
    std::string_view site_via = {};
    const ResponsePolicy* policy = nullptr;  // what the site makes of its answers' heads
    const OriginTiming* timing = nullptr;    // of an answer that an origin gave for this request
    Duration waited{0};                      // since the request came
  };

  // A complete entry, whose bytes `owner` keeps alive; `age` is told on hits.
  int Entry(const Context& context, const CacheEntry& entry, const std::shared_ptr<const void>& owner,
            std::optional<Duration> age);
  // Begins a body that is still to come; the caller writes it. `part` is set for Form::kPart.
  void Start(const Context& context, const ResponseHead& head, const std::optional<ByteRange>& part);
  // The head alone: for HEAD and 304.
  void HeadOnly(const Context& context, const ResponseHead& head, bool not_modified);
  void Unsatisfiable(const Context& context, uint64_t size);

  // The edge's own page.
  void Error(const Context& context, int status, std::string_view reason);
  // The same with an XML body, as refusals of signed URLs have it.
  void XmlError(const Context& context, int status, std::string_view body);
  void Redirect(const Context& context, int status, std::string_view location);

  // What the head of the answer before said. Its views are those of the answer's own head.
  const SentHead& sent() const { return sent_; }

 private:
  net::HeaderBlock& Fresh(const Context& context, bool from_cache = false);
  void AddOwnFields(const Context& context, std::string_view content_type);
  // `stored` as the site's policy wants it; `stored` itself where there is none. Live until the next call.
  const net::HeaderBlock& Dressed(const Context& context, const net::HeaderBlock& stored);
  bool WantsServerTiming(const Context& context);
  void AddServerTiming(const Context& context, bool from_cache);
  // The head collected in block_, and a small body of the edge's own.
  void Page(const Context& context, int status, std::string_view content_type, std::string page);
  void Parts(const Context& context, const CacheEntry& entry, const std::shared_ptr<const void>& owner,
             const std::vector<ByteRange>& ranges);

  const std::string pop_;
  net::HeaderBlock block_, dressed_;
  double timings_due_ = 0;     // percent: an answer carries Server-Timing when a whole one has come together
  bool tells_timing_ = false;  // the answer being written does
  SentHead sent_;
};

}  // namespace meetinity::edge
