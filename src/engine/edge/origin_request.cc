#include "engine/edge/origin_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engine/edge/selection.h"
#include "engine/edge/sorted_names.h"

namespace meetinity::edge {
namespace {

// What describes a request's body, or proves the right to send one; goes along with every method that changes
// something, whatever the policies say.
constexpr auto kBodyFields =
    std::to_array<std::string_view>({"authorization", "content-disposition", "content-encoding", "content-language",
                                     "content-md5", "content-type", "x-amz-content-sha256"});

constexpr auto kConditionFields = std::to_array<std::string_view>(
    {"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"});

// Never taken from a viewer, even where a policy forwards all: they belong to one connection, or the edge writes them
// itself.
constexpr auto kOwnFields = std::to_array<std::string_view>(
    {"accept-encoding", "connection", "content-length", "cookie", "expect", "host", "keep-alive", "proxy-authenticate",
     "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
     "x-amz-cf-id", "x-forwarded-for"});

bool ChangesState(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

class Builder {
 public:
  explicit Builder(const OriginAsk& ask) : ask_(ask), cache_(ask.behavior->config->cache) {
    static const OriginRequestPolicy kNothing;
    const OriginRequestPolicy* policy = ask.behavior->origin_request();
    forwarded_ = policy == nullptr ? &kNothing : policy;
  }

  net::ClientRequest Build() {
    const OriginConfig& origin = *ask_.origin;
    request_.method = ask_.method;
    request_.target = Target();
    request_.authority = Forwards("host") ? std::string(ask_.viewer->authority) : origin.host;
    request_.connect_timeout = origin.connection_timeout;
    request_.response_timeout = origin.read_timeout;
    AddForwarded();
    AddOwn();
    AddEdgeHeaders();
    AddValidators();
    for (const auto& [name, value] : origin.custom_headers) request_.headers.Set(name, value);
    if (origin.signer) origin.signer->Sign(request_);
    return std::move(request_);
  }

 private:
  bool Forwards(std::string_view name) const {
    return Selects(cache_.headers, name) || Selects(forwarded_->headers, name);
  }

  std::string Target() const {
    std::string target = ask_.origin->path;
    target += ask_.path;
    const size_t path_end = target.size();
    target += '?';
    if (!AppendSelectedQuery(ask_.query, ask_.has_query, cache_.queries, forwarded_->queries, target)) {
      target.resize(path_end);
    }
    return target;
  }

  bool Passes(std::string_view name) const {
    if (Contains(kOwnFields, name) || name.starts_with("x-edge-") || IsEdgeHeader(name)) return false;
    // On a fetch that fills the cache the answer must be whole and unconditional, whatever one viewer would like.
    if (Contains(kConditionFields, name)) return ask_.with_conditions;
    return Forwards(name) || (ChangesState(ask_.method) && Contains(kBodyFields, name));
  }

  void AddForwarded() {
    std::string forwarded_for;
    for (const net::HeaderView& header : ask_.viewer->headers) {
      if (header.name == "x-forwarded-for")
        forwarded_for.append(header.value).append(", ");
      else if (Passes(header.name))
        request_.headers.Add(header.name, header.value);
    }
    request_.headers.Add("x-forwarded-for", forwarded_for.append(ask_.peer->address));
    std::string cookies;
    for (const auto& [name, value] : SelectCookies(ask_.viewer->headers, cache_.cookies, forwarded_->cookies)) {
      if (!cookies.empty()) cookies += "; ";
      cookies.append(name).append("=").append(value);
    }
    if (!cookies.empty()) request_.headers.Add("cookie", cookies);
  }

  void AddOwn() {
    const std::optional<std::string_view> agent = ask_.viewer->Find("user-agent");
    request_.headers.Add("user-agent", agent && Forwards("user-agent") ? *agent : "Amazon CloudFront");
    const std::string_view version = ask_.viewer->version == net::HttpVersion::kHttp2    ? "2.0"
                                     : ask_.viewer->version == net::HttpVersion::kHttp11 ? "1.1"
                                                                                         : "1.0";
    std::string via(ask_.viewer->Find("via").value_or(""));
    if (!via.empty()) via += ", ";
    request_.headers.Add("via", via.append(version).append(" ").append(ask_.site->via));
    request_.headers.AddUnique("x-amz-cf-id", ask_.request_id);
    if (Forwards("accept-encoding")) {
      const std::optional<std::string_view> sent = ask_.viewer->Find("accept-encoding");
      if (sent) request_.headers.Add("accept-encoding", *sent);
    } else if (ask_.encodings.any()) {
      request_.headers.Add("accept-encoding", ask_.encodings.ToHeader());
    }
  }

  // What the edge knows of the viewer, as far as a policy names it.
  void AddEdgeHeaders() {
    const ViewerFacts facts{ask_.viewer, ask_.peer, ask_.geo};
    const auto add = [&](const std::string& name) {
      if (!IsEdgeHeader(name) || request_.headers.Find(name)) return;
      const std::string value = EdgeHeader(facts, name);
      if (!value.empty()) request_.headers.Add(name, value);
    };
    if (cache_.headers.selection == Selection::kWhitelist) {
      for (const std::string& name : cache_.headers.names) add(name);
    }
    for (const std::string& name : forwarded_->edge_headers) add(name);
  }

  void AddValidators() {
    if (ask_.revalidates == nullptr) return;
    const ResponseHead& stored = *ask_.revalidates->head;
    if (!stored.origin_etag.empty()) request_.headers.Set("if-none-match", stored.origin_etag);
    if (!stored.last_modified.empty()) request_.headers.Set("if-modified-since", stored.last_modified);
  }

  const OriginAsk& ask_;
  const CachePolicy& cache_;
  const OriginRequestPolicy* forwarded_ = nullptr;
  net::ClientRequest request_;
};

}  // namespace

net::ClientRequest BuildOriginRequest(const OriginAsk& ask) { return Builder(ask).Build(); }

}  // namespace meetinity::edge
