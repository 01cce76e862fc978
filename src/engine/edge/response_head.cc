#include "engine/edge/response_head.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engine/edge/cache_key.h"
#include "engine/edge/selection.h"
#include "engine/edge/sorted_names.h"

namespace meetinity::edge {
namespace {

// Fields of one connection, the server's own to write, or the origin's private business. Via, Vary, ETag and Set-Cookie
// are dealt with one by one.
constexpr auto kDroppedFields = std::to_array<std::string_view>(
    {"age", "connection", "content-length", "date", "keep-alive", "proxy-authenticate", "proxy-authorization",
     "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "x-amz-cf-id", "x-amz-cf-pop", "x-amz-id-2",
     "x-amz-request-id", "x-cache"});

// What a 304 repeats of the stored head (RFC 9110, section 15.4.5), the edge's own constants and CORS, without which
// a page could not use its own copy.
constexpr auto kNotModifiedFields =
    std::to_array<std::string_view>({"cache-control", "content-location", "etag", "expires", "last-modified",
                                     "set-cookie", "vary", "via", "x-amz-cf-pop"});

bool IsNamedByConnection(std::span<const net::HeaderView> headers, std::string_view name) {
  for (const net::HeaderView& header : headers) {
    if (header.name != "connection") continue;
    for (const std::string_view token : Split(header.value, ',')) {
      if (EqualsIgnoreCase(Trim(token), name)) return true;
    }
  }
  return false;
}

bool OriginSees(std::string_view lower_case_name, const HeadRules& rules) {
  if (lower_case_name == "accept-encoding") {
    if (rules.policy->accept_encoding_gzip || rules.policy->accept_encoding_brotli) return true;
  }
  return Selects(rules.policy->headers, lower_case_name) ||
         (rules.origin_request != nullptr && Selects(rules.origin_request->headers, lower_case_name));
}

// Names that the origin never saw cannot have made a difference, and would only split browsers' caches.
std::string ReducedVary(std::string_view value, const HeadRules& rules) {
  std::string kept;
  for (const std::string_view piece : Split(value, ',')) {
    const std::string_view name = Trim(piece);
    if (name.empty() || (name != "*" && !OriginSees(ToLower(name), rules))) continue;
    if (!kept.empty()) kept += ", ";
    kept += name;
  }
  return kept;
}

void AddNotModifiedBlock(ResponseHead& head) {
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const net::HeaderView field = head.headers[i];
    if (Contains(kNotModifiedFields, field.name) || field.name.starts_with("access-control-")) {
      head.not_modified.Add(field.name, field.value);
    }
  }
}

void ReadValidators(ResponseHead& head) {
  head.etag = head.headers.Find("etag").value_or("");
  head.last_modified = head.headers.Find("last-modified").value_or("");
  head.last_modified_at.reset();
  const Result<Instant> at = Instant::ParseHttpDate(head.last_modified);
  if (at.ok()) head.last_modified_at = *at;
}

void ReadTraits(const net::HeaderView& field, AnswerTraits& traits) {
  if (field.name == "cache-control") {
    traits.cache_control.Parse(field.value);
  } else if (field.name == "expires") {
    const Result<Instant> at = Instant::ParseHttpDate(field.value);
    traits.expires = at.ok() ? *at : Instant{};
  } else if (field.name == "vary") {
    traits.vary_any = traits.vary_any || Trim(field.value) == "*";
  } else if (field.name == "etag" || field.name == "last-modified") {
    traits.has_validator = true;
  }
}

}  // namespace

bool ForwardsCookies(const CachePolicy& policy, const OriginRequestPolicy* origin_request) {
  return policy.cookies.selection != Selection::kNone ||
         (origin_request != nullptr && origin_request->cookies.selection != Selection::kNone);
}

OriginAnswer ReadAnswer(const net::ResponseHeadView& view, const HeadRules& rules) {
  OriginAnswer answer;
  auto head = std::make_shared<ResponseHead>();
  answer.traits.status = head->status = view.status;
  head->content_length = view.content_length;
  const bool keep_cookies = ForwardsCookies(*rules.policy, rules.origin_request);
  std::string via;
  for (const net::HeaderView& field : view.headers) {
    ReadTraits(field, answer.traits);
    if (field.name == "via") {
      via.append(field.value).append(", ");
    } else if (field.name == "vary") {
      const std::string kept = ReducedVary(field.value, rules);
      if (!kept.empty()) head->headers.Add("vary", kept);
    } else if (!Contains(kDroppedFields, field.name) && (field.name != "set-cookie" || keep_cookies) &&
               !IsNamedByConnection(view.headers, field.name)) {
      head->headers.Add(field.name, field.value);
    }
    if (field.name == "content-encoding" && !EqualsIgnoreCase(field.value, "identity")) {
      answer.has_content_encoding = true;
    }
  }
  head->headers.Add("via", via.append(rules.via));
  head->headers.Add("x-amz-cf-pop", rules.pop);
  head->content_type = head->headers.Find("content-type").value_or("");
  ReadValidators(*head);
  head->origin_etag = head->etag;
  AddNotModifiedBlock(*head);
  answer.head = std::move(head);
  return answer;
}

AnswerTraits TraitsOf(const ResponseHead& head) {
  AnswerTraits traits;
  traits.status = head.status;
  for (size_t i = 0; i < head.headers.size(); ++i) ReadTraits(head.headers[i], traits);
  return traits;
}

ResponseHeadPtr WithEncoding(const ResponseHead& plain, std::string_view coding) {
  auto head = std::make_shared<ResponseHead>(plain);
  head->encoded_at_edge = true;
  head->headers.Set("content-encoding", coding);
  // Parts of the compressed form are not on offer, and the origin's digest is of the plain one.
  head->headers.Remove("accept-ranges");
  head->headers.Remove("content-md5");
  const std::string vary(head->headers.Find("vary").value_or(""));
  if (vary.empty()) {
    head->headers.Set("vary", "Accept-Encoding");
  } else if (ToLower(vary).find("accept-encoding") == std::string::npos) {
    head->headers.Set("vary", vary + ", Accept-Encoding");
  }
  if (plain.etag.starts_with('"')) {
    head->headers.Set("etag", "W/" + plain.etag);
  } else if (!plain.etag.starts_with("W/")) {
    head->headers.Remove("etag");
  }
  ReadValidators(*head);
  head->not_modified.Clear();
  AddNotModifiedBlock(*head);
  return head;
}

ResponseHeadPtr Refreshed(const ResponseHead& stored, const ResponseHead& not_modified) {
  // The body and its description stay; a 304 does not know them, and its entity tag is of the origin's plain form.
  constexpr auto kBodyFields =
      std::to_array<std::string_view>({"accept-ranges", "content-encoding", "content-md5", "content-range",
                                       "content-type", "etag", "vary", "via", "x-amz-cf-pop"});
  auto head = std::make_shared<ResponseHead>(stored);
  for (size_t i = 0; i < not_modified.headers.size(); ++i) {
    const net::HeaderView field = not_modified.headers[i];
    if (!Contains(kBodyFields, field.name)) head->headers.Set(field.name, field.value);
  }
  ReadValidators(*head);
  head->not_modified.Clear();
  AddNotModifiedBlock(*head);
  return head;
}

ResponseHeadPtr RestoreHead(HeadParts parts) {
  auto head = std::make_shared<ResponseHead>();
  head->status = parts.status;
  head->headers = std::move(parts.fields);
  head->origin_etag = parts.origin_etag;
  head->content_length = parts.content_length;
  head->encoded_at_edge = parts.encoded_at_edge;
  head->content_type = head->headers.Find("content-type").value_or("");
  ReadValidators(*head);
  AddNotModifiedBlock(*head);
  return head;
}

}  // namespace meetinity::edge
