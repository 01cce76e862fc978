#include "engine/edge/answer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "engine/edge/error_page.h"

namespace meetinity::edge {
namespace {

std::string_view ToXCache(ResultType type) {
  switch (type) {
    case ResultType::kHit:
      return "Hit from cloudfront";
    case ResultType::kMiss:
      return "Miss from cloudfront";
    case ResultType::kRefreshHit:
      return "RefreshHit from cloudfront";
    case ResultType::kError:
      return "Error from cloudfront";
    case ResultType::kRedirect:
      return "Redirect from cloudfront";
  }
  return "";
}

// `body`, kept alive by `owner` instead: a reactor's own count of holders.
net::Slice HeldBy(const std::shared_ptr<const void>& owner, const net::Slice& body) {
  return {owner, body.bytes, body.file};
}

net::Slice Part(const std::shared_ptr<const void>& owner, const net::Slice& body, const ByteRange& range) {
  return HeldBy(owner, body).Part(range.first, range.size());
}

// Whole milliseconds, as CloudFront tells them.
void AppendDuration(std::string& out, std::string_view metric, Duration took) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(std::max(took, Duration::zero()));
  out.append(metric).append(";dur=").append(std::to_string(milliseconds.count()));
}

}  // namespace

std::string_view ToToken(ResultType type) {
  const std::string_view x_cache = ToXCache(type);
  return x_cache.substr(0, x_cache.find(' '));
}

FormChoice ChooseForm(const ResponseHead& head, std::optional<uint64_t> size, const RequestFacets& facets) {
  if (head.status != 200 || !(facets.is_get || facets.is_head)) return {};
  const bool is_conditional = !facets.if_none_match.empty() || !facets.if_modified_since.empty();
  if (is_conditional && IsNotModified(head.validators(), facets.if_none_match, facets.if_modified_since)) {
    return {Form::kNotModified, {}};
  }
  if (facets.range.empty() || !facets.is_get || !size || !head.content_length || head.encoded_at_edge) return {};
  if (!IfRangeHolds(head.validators(), facets.if_range)) return {};
  RangeChoice choice = ChooseRanges(facets.range, *size);
  switch (choice.verdict) {
    case RangeVerdict::kWhole:
      return {};
    case RangeVerdict::kUnsatisfiable:
      return {Form::kUnsatisfiable, {}};
    case RangeVerdict::kPartial:
      break;
  }
  return {choice.ranges.size() == 1 ? Form::kPart : Form::kParts, std::move(choice.ranges)};
}

net::HeaderBlock& AnswerWriter::Fresh(const Context& context, bool from_cache) {
  block_.Clear();
  sent_ = {};
  block_.Add("x-cache", ToXCache(context.result));
  block_.AddUnique("x-amz-cf-id", context.id.text());
  tells_timing_ = context.policy != nullptr && context.policy->server_timing_percent && WantsServerTiming(context);
  if (tells_timing_) AddServerTiming(context, from_cache);
  return block_;
}

const net::HeaderBlock& AnswerWriter::Dressed(const Context& context, const net::HeaderBlock& stored) {
  if (context.policy == nullptr) return stored;
  context.policy->Apply(context.exchange.request(), stored, dressed_);
  if (!tells_timing_ || &stored == &block_) return dressed_;
  // One field in all: an origin's own timings stand before ours while they are news, and go when they are not.
  const bool is_news = context.timing != nullptr && context.result != ResultType::kRefreshHit;
  if (const auto origins = dressed_.Find("server-timing"); origins && is_news) {
    block_.Set("server-timing", std::string(*origins).append(",").append(*block_.Find("server-timing")));
  }
  dressed_.Remove("server-timing");
  return dressed_;
}

// Of a hundred answers so many as the site wants, evenly, and whoever asks for it (Developer Guide, page "Server-Timing
// header").
bool AnswerWriter::WantsServerTiming(const Context& context) {
  timings_due_ += *context.policy->server_timing_percent;
  const bool due = timings_due_ >= 100;
  if (due) timings_due_ -= 100;
  const auto pragma = context.exchange.request().Find("pragma");
  return due || (pragma && EqualsIgnoreCase(Trim(*pragma), "server-timing"));
}

void AnswerWriter::AddServerTiming(const Context& context, bool from_cache) {
  const bool is_hit = from_cache || context.result == ResultType::kHit;
  const bool is_refresh = context.result == ResultType::kRefreshHit;
  std::string value;
  if (context.timing != nullptr && !is_hit) {
    if (!is_refresh) value += "cdn-upstream-layer;desc=\"EDGE\",";
    value += "cdn-upstream-dns;dur=0,";  // names are resolved before anybody asks
    AppendDuration(value, "cdn-upstream-connect", context.timing->connect);
    AppendDuration(value.append(","), "cdn-upstream-fbl", context.timing->first_byte);
    value += ",";
  }
  value += is_hit ? "cdn-cache-hit," : is_refresh ? "cdn-cache-refresh," : "cdn-cache-miss,";
  value.append("cdn-pop;desc=\"").append(pop_).append("\",cdn-rid;desc=\"").append(context.id.text()).append("\",");
  if (is_hit) value += "cdn-hit-layer;desc=\"EDGE\",";
  AppendDuration(value, "cdn-downstream-fbl", context.waited);
  block_.Add("server-timing", value);
}

// What a stored head brings along, for answers that have none.
void AnswerWriter::AddOwnFields(const Context& context, std::string_view content_type) {
  block_.Add("server", "CloudFront");
  block_.Add("content-type", content_type);
  if (!context.site_via.empty()) block_.Add("via", std::string("1.1 ").append(context.site_via));
  block_.Add("x-amz-cf-pop", pop_);
}

int AnswerWriter::Entry(const Context& context, const CacheEntry& entry, const std::shared_ptr<const void>& owner,
                        std::optional<Duration> age) {
  if (entry.kind != EntryKind::kResponse) {
    const int status = context.status_override != 0 && entry.status == 200 ? context.status_override : entry.status;
    Error(context, status, OriginFailureReason(entry.status));
    return status;
  }
  const ResponseHead& head = *entry.head;
  net::HttpExchange& exchange = context.exchange;
  net::HeaderBlock& fresh = Fresh(context, age.has_value());
  if (age) {
    std::array<char, 20> digits;
    const int64_t seconds = std::max<int64_t>(0, std::chrono::floor<std::chrono::seconds>(*age).count());
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), seconds).ptr;
    fresh.Add("age", {digits.data(), end});
  }
  const net::HeaderBlock* const blocks[] = {&Dressed(context, head.headers), &fresh};
  const uint64_t size = entry.body.bytes.size();
  sent_.content_type = head.content_type;
  if (context.status_override == 0) {
    const bool plain = context.facets.range.empty() && context.facets.if_none_match.empty() &&
                       context.facets.if_modified_since.empty();
    const FormChoice choice = plain ? FormChoice{} : ChooseForm(head, size, context.facets);
    switch (choice.form) {
      case Form::kWhole:
        break;
      case Form::kNotModified: {
        const net::HeaderBlock* const short_blocks[] = {&Dressed(context, head.not_modified), &fresh};
        sent_ = {};
        exchange.RespondWithoutBody(304, short_blocks, std::nullopt);
        return 304;
      }
      case Form::kPart: {
        fresh.Add("content-range", ContentRange(choice.ranges[0], size));
        const net::Slice part = Part(owner, entry.body, choice.ranges[0]);
        sent_.content_length = choice.ranges[0].size();
        sent_.range = choice.ranges[0];
        exchange.Respond(206, blocks, std::span(&part, 1));
        return 206;
      }
      case Form::kParts:
        Parts(context, entry, owner, choice.ranges);
        return 206;
      case Form::kUnsatisfiable:
        Unsatisfiable(context, size);
        return 416;
    }
  }
  const int status = context.status_override != 0 && head.status == 200 ? context.status_override : head.status;
  if (!head.encoded_at_edge) sent_.content_length = size;
  if (context.facets.is_head) {
    exchange.RespondWithoutBody(status, blocks, head.encoded_at_edge ? std::nullopt : std::optional<uint64_t>(size));
  } else if (head.encoded_at_edge) {
    // CloudFront compresses on the way and cannot know the length beforehand; clients see its answers without one.
    exchange.StartResponse(status, blocks, std::nullopt);
    exchange.Write(HeldBy(owner, entry.body));
    exchange.Finish();
  } else {
    const net::Slice body = HeldBy(owner, entry.body);
    exchange.Respond(status, blocks, std::span(&body, 1));
  }
  return status;
}

void AnswerWriter::Parts(const Context& context, const CacheEntry& entry, const std::shared_ptr<const void>& owner,
                         const std::vector<ByteRange>& ranges) {
  // The request's own id cannot occur in a body that was made before it.
  const std::string boundary = std::string("CloudFront_").append(context.id.text().substr(0, 24));
  const uint64_t size = entry.body.bytes.size();
  std::vector<net::Slice> body;
  for (const ByteRange& range : ranges) {
    body.push_back(net::Slice::Own(PartHead(boundary, entry.head->content_type, range, size)));
    body.push_back(Part(owner, entry.body, range));
  }
  body.push_back(net::Slice::Own(PartsEnd(boundary)));
  net::HeaderBlock headers = Dressed(context, entry.head->headers);
  headers.Set("content-type", "multipart/byteranges; boundary=" + boundary);
  sent_.content_type = "multipart/byteranges";
  sent_.content_length = 0;
  for (const net::Slice& slice : body) *sent_.content_length += slice.bytes.size();
  const net::HeaderBlock* const blocks[] = {&headers, &block_};
  context.exchange.Respond(206, blocks, body);
}

void AnswerWriter::Start(const Context& context, const ResponseHead& head, const std::optional<ByteRange>& part) {
  net::HeaderBlock& fresh = Fresh(context);
  const net::HeaderBlock* const blocks[] = {&Dressed(context, head.headers), &fresh};
  sent_ = {head.content_type, part ? part->size() : head.content_length, part};
  if (part) {
    fresh.Add("content-range", ContentRange(*part, *head.content_length));
    return context.exchange.StartResponse(206, blocks, part->size());
  }
  const int status = context.status_override != 0 && head.status == 200 ? context.status_override : head.status;
  context.exchange.StartResponse(status, blocks, head.content_length);
}

void AnswerWriter::HeadOnly(const Context& context, const ResponseHead& head, bool not_modified) {
  net::HeaderBlock& fresh = Fresh(context);
  const net::HeaderBlock* const blocks[] = {&Dressed(context, not_modified ? head.not_modified : head.headers), &fresh};
  const int status = context.status_override != 0 && head.status == 200 ? context.status_override : head.status;
  if (!not_modified) sent_ = {head.content_type, head.content_length, std::nullopt};
  context.exchange.RespondWithoutBody(not_modified ? 304 : status, blocks,
                                      not_modified ? std::nullopt : head.content_length);
}

void AnswerWriter::Unsatisfiable(const Context& context, uint64_t size) {
  Context error = context;
  error.result = ResultType::kError;
  Fresh(error);
  AddOwnFields(error, "text/html");
  block_.Add("content-range", UnsatisfiedContentRange(size));
  Page(context, 416, "text/html",
       RenderErrorPage(416, "The range lies beyond the end of the object.", context.id.text()));
}

void AnswerWriter::Error(const Context& context, int status, std::string_view reason) {
  Context error = context;
  error.result = ResultType::kError;
  Fresh(error);
  AddOwnFields(error, "text/html");
  Page(context, status, "text/html", RenderErrorPage(status, reason, context.id.text()));
}

void AnswerWriter::XmlError(const Context& context, int status, std::string_view body) {
  Fresh(context);
  AddOwnFields(context, "text/xml");
  Page(context, status, "text/xml", std::string(body));
}

void AnswerWriter::Redirect(const Context& context, int status, std::string_view location) {
  Fresh(context);
  AddOwnFields(context, "text/html");
  block_.Add("location", location);
  Page(context, status, "text/html", RenderRedirectPage(status));
}

void AnswerWriter::Page(const Context& context, int status, std::string_view content_type, std::string page) {
  sent_ = {content_type, page.size(), std::nullopt};
  context.exchange.Respond(status, Dressed(context, block_), net::Slice::Own(std::move(page)));
}

}  // namespace meetinity::edge
