#include "engine/edge/worker.h"

#include <fmt/format.h>

#include "engine/edge/request_path.h"
#include "engine/edge/viewer.h"

namespace meetinity::edge {
namespace {

// An x-edge-detailed-result-type.
constexpr std::string_view kInvalidRequest = "InvalidRequest";

}  // namespace

Worker::Worker(EdgeCore& core, net::Reactor& reactor, size_t index)
    : core_(core), reactor_(reactor), index_(index), answers_(core.options.pop) {}

Worker::~Worker() = default;

net::HttpClient& Worker::client() {
  if (!client_) client_ = net::HttpClient::Create(reactor_);
  return *client_;
}

void Worker::Adopt(SiteMapPtr sites) {
  if (!sites_ || sites_->number() <= sites->number()) sites_ = std::move(sites);
}

void Worker::Forget() {
  viewers_.clear();
  disk_reads_.clear();
  client_.reset();
}

// --- decisions, in CloudFront's order

void Worker::OnRequest(const net::ExchangePtr& exchange) {
  Bump(requests_);
  const net::RequestHead& request = exchange->request();
  const RequestId id = ids_.Next();
  const RequestFacets facets = ReadFacets(request);
  const Site* site = sites_ ? sites_->Find(request.authority) : nullptr;
  if (site == nullptr) {
    return Refuse(exchange, nullptr, facets, id, 403, "No site of this edge has the name that was asked for.");
  }
  if (!site->config->enabled) return Refuse(exchange, site, facets, id, 403, "This distribution is disabled.");
  if (facets.bytes > kRequestBytesMax || request.target.size() > kRequestTargetBytesMax) {
    exchange->CloseAfterAnswer();
    return Refuse(exchange, site, facets, id, 413, "The request is larger than the edge accepts.");
  }
  Decide(exchange, *site, facets, id);
}

void Worker::Decide(const net::ExchangePtr& exchange, const Site& site, const RequestFacets& facets,
                    const RequestId& id) {
  const net::RequestHead& request = exchange->request();
  std::string_view path = request.path;
  const PathVerdict verdict = NormalizePath(path, path_);
  if (path.empty() || path.front() != '/' || verdict == PathVerdict::kAboveRoot) {
    return Refuse(exchange, &site, facets, id, 400, "The path of the request leads out of the site.", kInvalidRequest);
  }
  if (verdict == PathVerdict::kNormalized) path = path_;

  const SiteBehavior* behavior = site.Match(path);
  if (behavior == nullptr) return Refuse(exchange, &site, facets, id, 403, "Nothing is configured for this path.");
  if (behavior->config->viewer_protocol != ViewerProtocol::kAllowAll && !exchange->peer().tls) {
    if (Redirect(exchange, site, *behavior, facets, id)) return;
    return Refuse(exchange, &site, facets, id, 403, "This site is served over HTTPS only.");
  }
  if (!behavior->config->allowed_methods.contains(request.method)) {
    return Refuse(exchange, &site, facets, id, 403, "This site does not allow the request's method.",
                  "InvalidRequestMethod");
  }
  if (request.has_body && (facets.is_get || facets.is_head)) {
    return Refuse(exchange, &site, facets, id, 403, "A GET or HEAD request must not have a body.", kInvalidRequest);
  }
  if (path == "/" && !site.config->default_root_object.empty()) {
    path_.assign("/").append(site.config->default_root_object);
    path = path_;
  }
  if (behavior->origin == nullptr) {
    return Refuse(exchange, &site, facets, id, 502, "This path's origin is not configured.");
  }
  AcceptedEncodings encodings;
  if (behavior->reduces_accept_encoding && request.version != net::HttpVersion::kHttp10) {
    encodings = ReduceAcceptEncoding(facets.accept_encoding, behavior->config->cache);
  }
  Ask ask{exchange,          &site,  behavior,  path, request.query,
          request.has_query, facets, encodings, id,   behavior->Caches(request.method)};
  if (Admit(ask)) Serve(ask);
}

bool Worker::Admit(Ask& ask) {
  const net::RequestHead& request = ask.exchange->request();
  const net::PeerInfo& peer = ask.exchange->peer();
  const GeoDatabase* geo = core_.options.geo.get();
  if (ask.site->config->geo.kind != GeoRestriction::Kind::kNone &&
      !ask.site->Serves(geo == nullptr ? std::string() : geo->CountryOf(peer.address))) {
    RefuseWithPage(ask, "The Amazon CloudFront distribution is configured to block access from your country.", "");
    return false;
  }
  const TrustedKeys* keys = ask.behavior->config->trusted_keys.get();
  if (keys == nullptr) return true;
  query_.clear();
  AccessClaim claim = ReadQueryClaim(request.query, query_);
  ask.query = query_;
  ask.has_query = request.has_query && (claim.empty() || !query_.empty());
  if (claim.key_pair_id.empty() && claim.signature.empty()) claim = ReadCookieClaim(request.headers);
  url_.assign(peer.tls ? "https://" : "http://").append(request.authority).append(request.path);
  if (ask.has_query) url_.append("?").append(query_);
  const AccessVerdict verdict =
      CheckAccess({.claim = claim, .url = url_, .peer_address = peer.address, .now = reactor_.now()}, *keys);
  if (verdict == AccessVerdict::kGranted) return true;
  RefuseWithPage(ask, "", ToBody(verdict));
  return false;
}

// A refusal that the site may dress in a page of its own. `xml` goes before `reason` where it is given.
void Worker::RefuseWithPage(const Ask& ask, std::string_view reason, std::string_view xml) {
  constexpr int kForbidden = 403;
  if (ask.site->FindErrorPage(kForbidden) != nullptr) {
    const auto viewer = std::make_shared<Viewer>(*this, ask, sites_, key_);
    Keep(viewer);
    return viewer->ServeErrorPage(kForbidden);
  }
  const AnswerWriter::Context context = ContextFor(ask, ResultType::kError);
  if (xml.empty()) {
    answers_.Error(context, kForbidden, reason);
  } else {
    answers_.XmlError(context, kForbidden, xml);
  }
  Record(*ask.exchange, ask.site, ask.id, EndedNow(ResultType::kError, kForbidden, ask.facets));
}

bool Worker::Redirect(const net::ExchangePtr& exchange, const Site& site, const SiteBehavior& behavior,
                      const RequestFacets& facets, const RequestId& id) {
  const net::RequestHead& request = exchange->request();
  const bool is_read = facets.is_get || facets.is_head;
  // HTTP/1.0 knows no redirect that keeps method and body.
  const bool can_redirect = is_read || request.version != net::HttpVersion::kHttp10;
  if (behavior.config->viewer_protocol != ViewerProtocol::kRedirectToHttps || !can_redirect) return false;
  const int status = is_read ? 301 : 307;
  const std::string_view host = request.authority.substr(0, request.authority.find(':'));
  const uint16_t port = core_.options.https_port;
  const std::string location = port == 443 ? fmt::format("https://{}{}", host, request.target)
                                           : fmt::format("https://{}:{}{}", host, port, request.target);
  answers_.Redirect(
      {.exchange = *exchange, .facets = facets, .id = id, .result = ResultType::kRedirect, .site_via = site.via},
      status, location);
  Record(*exchange, &site, id, EndedNow(ResultType::kRedirect, status, facets));
  return true;
}

void Worker::Refuse(const net::ExchangePtr& exchange, const Site* site, const RequestFacets& facets,
                    const RequestId& id, int status, std::string_view reason, std::string_view detail) {
  answers_.Error({.exchange = *exchange,
                  .facets = facets,
                  .id = id,
                  .result = ResultType::kError,
                  .site_via = site == nullptr ? std::string_view{} : site->via},
                 status, reason);
  // CloudFront does not log requests that are too large for it (Developer Guide, page "Quotas").
  Record(*exchange, status == 413 ? nullptr : site, id, EndedNow(ResultType::kError, status, facets, detail));
}

AnswerWriter::Context Worker::ContextFor(const Ask& ask, ResultType result) const {
  return {.exchange = *ask.exchange,
          .facets = ask.facets,
          .id = ask.id,
          .result = result,
          .site_via = ask.site->via,
          .policy = ask.behavior->config->response.get()};
}

// --- service

void Worker::Serve(const Ask& ask) {
  const net::RequestHead& request = ask.exchange->request();
  key_.Compose({.site_number = ask.site->state->number,
                .is_options = !ask.facets.is_get && !ask.facets.is_head,
                .path = ask.path,
                .query = ask.query,
                .has_query = ask.has_query,
                .encodings = ask.encodings,
                .headers = request.headers,
                .authority = request.authority,
                .facts = {&request, &ask.exchange->peer(), core_.options.geo.get()}},
               ask.behavior->config->cache);
  if (ask.may_cache && ServeHit(ask)) return;
  const auto viewer = std::make_shared<Viewer>(*this, ask, sites_, key_);
  Keep(viewer);
  viewer->Serve();
}

// The hot path: a fresh response that needs nothing but to be sent.
bool Worker::ServeHit(const Ask& ask) {
  const HotPinPtr* pin = Find(key_, *ask.site);
  if (pin == nullptr) return false;
  const CacheEntry& entry = *(*pin)->entry;
  const Instant now = reactor_.now();
  if (entry.kind != EntryKind::kResponse || !entry.IsFresh(now)) return false;
  const bool is_error = entry.status >= 400;
  if (is_error && ask.site->FindErrorPage(entry.status) != nullptr) return false;
  const ResultType result = is_error ? ResultType::kError : ResultType::kHit;
  const int status = answers_.Entry(ContextFor(ask, result), entry, *pin, now - entry.stored_at);
  CountResult(ResultType::kHit);
  Record(*ask.exchange, ask.site, ask.id, EndedNow(result, status, ask.facets));
  return true;
}

const HotPinPtr* Worker::Find(const CacheKey& key, const Site& site) {
  const HotPinPtr* pin = hot_.Find(key.hash(), key.bytes());
  if (pin != nullptr) {
    (*pin)->entry->CountUse();
  } else {
    EntryPtr entry = core_.cache.Find(key.hash(), key.bytes());
    if (!entry) return nullptr;
    pin = &hot_.Insert(std::move(entry));
  }
  const CacheEntry& entry = *(*pin)->entry;
  if (IsInvalidated(entry, site.state->log)) {
    core_.cache.Remove(entry);
    if (core_.disk) core_.disk->Forget(entry.hash);
    return nullptr;
  }
  // Asked for a second time, so worth the disk's while: most objects of a large site never are.
  if (core_.disk_is_open && !entry.offered.load(std::memory_order_relaxed) && !entry.offered.exchange(true)) {
    core_.disk->Offer((*pin)->entry);
  }
  return pin;
}

bool Worker::ReadFromDisk(const CacheKey& key, const std::shared_ptr<Viewer>& viewer) {
  const uint64_t hash = key.hash();
  if (!core_.disk_is_open || !core_.disk->MayHave(hash)) return false;
  const auto [waiting, is_first] = disk_reads_.try_emplace(hash);
  waiting->second.push_back(viewer);
  if (!is_first) return true;
  const bool accepted = core_.pool.TryRun(
      [core = core_.shared_from_this(), hash, bytes = key.bytes(), &reactor = reactor_, index = index_] {
        if (EntryPtr entry = core->disk->Load(hash, bytes)) {
          core->cache.Insert(std::move(entry), ResponseCache::Present::kKeep);
        }
        reactor.Post([core, hash, index] {
          if (index < core->workers.size()) core->workers[index]->OnReadFromDisk(hash);
        });
      });
  if (!accepted) disk_reads_.erase(hash);  // the pool is busy: the origin is asked
  return accepted;
}

void Worker::OnReadFromDisk(uint64_t hash) {
  const auto waiting = disk_reads_.extract(hash);
  if (waiting.empty()) return;
  for (const std::shared_ptr<Viewer>& viewer : waiting.mapped()) viewer->OnReadFromDisk();
  SweepIfWanted();
}

void Worker::SweepIfWanted() {
  if (!core_.cache.WantsSweep()) return;
  for (const std::unique_ptr<Worker>& worker : core_.workers) {
    worker->reactor().Post([core = core_.shared_from_this(), index = worker->index()] {
      if (index < core->workers.size()) core->workers[index]->SweepHotIndex();
    });
  }
}

// --- counting

void Worker::CountResult(ResultType result) {
  Bump(result == ResultType::kHit || result == ResultType::kRefreshHit ? hits_ : misses_);
}

Ending Worker::EndedNow(ResultType result, int status, const RequestFacets& facets, std::string_view detail) const {
  const MonotonicInstant now = reactor_.monotonic();
  return {.result = result,
          .status = status,
          .request_bytes = facets.bytes,
          .sent = answers_.sent(),
          .began = now,
          .first_byte = now,
          .detail = detail};
}

void Worker::Record(const net::HttpExchange& exchange, const Site* site, const RequestId& id, const Ending& ending) {
  if (site != nullptr) {
    site->state->counters[index_].CountRequest(
        {.status = ending.status,
         .is_hit = ending.result == ResultType::kHit || ending.result == ResultType::kRefreshHit,
         .bytes_downloaded = exchange.bytes_sent(),
         .bytes_uploaded = ending.body_bytes});
  }
  if (log_ && site != nullptr && !site->config->log_stream.empty()) {
    const std::string_view result = ToToken(ending.result);
    log_->Add({.exchange = exchange,
               .id = id,
               .stream = site->config->log_stream,
               .domain_name = site->config->domain_name,
               .include_cookies = site->config->log_cookies,
               .at = reactor_.now(),
               .status = ending.status,
               .request_bytes = ending.request_bytes,
               .time_taken = reactor_.monotonic() - ending.began,
               .time_to_first_byte = ending.first_byte - ending.began,
               .result = result,
               .detailed_result = ending.detail.empty() ? result : ending.detail,
               .sent = ending.sent});
  }
  if (!core_.observer) return;
  core_.observer({.distribution_id = site == nullptr ? std::string() : site->config->id,
                  .result_type = std::string(ToToken(ending.result)),
                  .request_id = std::string(id.text()),
                  .status = ending.status,
                  .bytes_sent = exchange.bytes_sent(),
                  .time_taken = reactor_.monotonic() - ending.began});
}

Worker::Counters Worker::counters() const {
  return {.requests = requests_.load(std::memory_order_relaxed),
          .hits = hits_.load(std::memory_order_relaxed),
          .misses = misses_.load(std::memory_order_relaxed),
          .origin_fetches = origin_fetches_.load(std::memory_order_relaxed)};
}

}  // namespace meetinity::edge
