#include "engine/edge/explain.h"

#include <fmt/format.h>

#include "engine/edge/cache_key.h"
#include "engine/edge/freshness.h"
#include "engine/edge/request_facets.h"
#include "engine/edge/request_path.h"
#include "engine/edge/signed_access.h"
#include "engine/edge/worker.h"

namespace meetinity::edge {
namespace {

constexpr std::string_view kHit = "Hit", kMiss = "Miss", kRefreshHit = "RefreshHit", kRedirect = "Redirect",
                           kError = "Error";

std::string Seconds(Duration duration) {
  return fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

// The question as the head of a request; its views are the question's.
struct Asked {
  explicit Asked(const Question& question) {
    for (const auto& [name, value] : question.headers) headers.push_back({name, value});
    head.method = question.method;
    head.path = question.path;
    head.query = question.query ? std::string_view(*question.query) : std::string_view();
    head.has_query = question.query.has_value();
    head.authority = question.authority;
    head.headers = headers;
    peer.address = question.address;
    peer.tls = question.tls;
  }
  std::vector<net::HeaderView> headers;
  net::RequestHead head;
  net::PeerInfo peer;
};

class Inquiry {
 public:
  Inquiry(const EdgeCore& core, const Question& question, Instant now)
      : core_(core), question_(question), asked_(question), now_(now) {}

  Explanation Run(const SiteMap& sites) {
    site_ = sites.Find(question_.authority);
    if (site_ == nullptr) return End(kError, "403: no distribution has this name.");
    found_.distribution_id = site_->config->id;
    if (!site_->config->enabled) return End(kError, "403: the distribution is disabled.");
    if (!FindBehavior() || !MayBeServed()) return found_;
    ComposeKey();
    return Judge();
  }

 private:
  Explanation End(std::string_view result, std::string reason) {
    found_.result = result;
    found_.reason = std::move(reason);
    return found_;
  }
  bool Refuse(std::string reason) {
    End(kError, std::move(reason));
    return false;
  }

  bool FindBehavior() {
    std::string normalized;
    const PathVerdict verdict = NormalizePath(question_.path, normalized);
    if (!question_.path.starts_with('/') || verdict == PathVerdict::kAboveRoot) {
      return Refuse("400: the path leads out of the site.");
    }
    found_.path = verdict == PathVerdict::kNormalized ? normalized : question_.path;
    behavior_ = site_->Match(found_.path);
    if (behavior_ == nullptr) return Refuse("403: nothing is configured for this path.");
    found_.path_pattern = behavior_->pattern.empty() ? "Default (*)" : behavior_->config->path_pattern;
    if (behavior_->origin != nullptr) found_.origin = behavior_->origin->host;
    return true;
  }

  bool MayBeServed() {
    const Behavior& config = *behavior_->config;
    if (config.viewer_protocol != ViewerProtocol::kAllowAll && !question_.tls) {
      if (config.viewer_protocol != ViewerProtocol::kRedirectToHttps) return Refuse("403: HTTPS only.");
      End(kRedirect, "the viewer protocol policy sends HTTP to HTTPS.");
      return false;
    }
    if (!config.allowed_methods.contains(question_.method)) {
      return Refuse(fmt::format("403: the behaviour does not allow {}.", question_.method));
    }
    if (found_.path == "/" && !site_->config->default_root_object.empty()) {
      found_.path += site_->config->default_root_object;
    }
    if (behavior_->origin == nullptr) return Refuse("502: the behaviour's origin is not configured.");
    const GeoDatabase* geo = core_.options.geo.get();
    if (site_->config->geo.kind != GeoRestriction::Kind::kNone &&
        !site_->Serves(geo == nullptr ? std::string() : geo->CountryOf(question_.address))) {
      return Refuse("403: the distribution is not served in the viewer's country.");
    }
    return true;
  }

  void ComposeKey() {
    std::string own_query;  // without a signed URL's parameters
    if (behavior_->config->trusted_keys && asked_.head.has_query) {
      const AccessClaim claim = ReadQueryClaim(asked_.head.query, own_query);
      asked_.head.query = own_query;
      asked_.head.has_query = claim.empty() || !own_query.empty();
    }
    const bool reads = question_.method == "GET" || question_.method == "HEAD";
    AcceptedEncodings encodings;
    if (behavior_->reduces_accept_encoding) {
      encodings = ReduceAcceptEncoding(asked_.head.Find("accept-encoding").value_or(""), behavior_->config->cache);
    }
    key_.Compose({.site_number = site_->state->number,
                  .is_options = !reads,
                  .path = found_.path,
                  .query = asked_.head.query,
                  .has_query = asked_.head.has_query,
                  .encodings = encodings,
                  .headers = asked_.head.headers,
                  .authority = question_.authority,
                  .facts = {&asked_.head, &asked_.peer, core_.options.geo.get()}},
                 behavior_->config->cache);
    found_.key = key_.target();
    if (!reads) found_.key += " (OPTIONS)";
    if (encodings.any()) found_.key += fmt::format(" accept-encoding:{}", encodings.ToHeader());
    for (const char c : key_.bytes().substr(CacheKey::kTargetAt + key_.target().size())) {
      found_.key += c == '\0' || c == '\n' ? ' ' : c;
    }
    while (found_.key.ends_with(' ')) found_.key.pop_back();
  }

  EntryPtr FindEntry() {
    if (EntryPtr entry = core_.cache.Find(key_.hash(), key_.bytes())) {
      found_.tier = Tier::kMemory;
      return entry;
    }
    if (!core_.disk_is_open || !core_.disk->MayHave(key_.hash())) return nullptr;
    EntryPtr entry = core_.disk->Load(key_.hash(), key_.bytes());
    if (entry) found_.tier = Tier::kDisk;
    return entry;
  }

  // Signed URLs are not judged here: what is cached is the same for everybody who may have it.
  std::string Trusted() const {
    return behavior_->config->trusted_keys ? " The viewer needs a signed URL or cookies for it." : "";
  }

  Explanation Judge() {
    if (!behavior_->caches) return End(kMiss, "the cache policy's maximum TTL is 0, so nothing is kept." + Trusted());
    if (!behavior_->Caches(question_.method)) {
      return End(kMiss, fmt::format("the behaviour does not cache {}.", question_.method) + Trusted());
    }
    const EntryPtr entry = FindEntry();
    if (!entry) {
      return End(kMiss, "no answer is kept for this key: it was not asked for, was evicted, or could not be kept." +
                            Trusted());
    }
    Describe(*entry);
    found_.is_invalidated = site_->state->log.IsStale(entry->target(), entry->epoch->start);
    if (found_.is_invalidated) return End(kMiss, "an invalidation is newer than the answer that is kept." + Trusted());
    return JudgeEntry(*entry);
  }

  void Describe(const CacheEntry& entry) {
    found_.status = entry.status;
    found_.body_bytes = entry.body.bytes.size();
    found_.age = now_ - entry.stored_at;
    found_.fresh_for = entry.fresh_until - now_;
  }

  Explanation JudgeEntry(const CacheEntry& entry) {
    const std::string_view where = found_.tier == Tier::kDisk ? "on disk" : "in memory";
    if (entry.IsFresh(now_)) {
      if (entry.kind == EntryKind::kPassMarker) {
        return End(kMiss, "the last answer could not be kept (its headers forbid it, or it is too large)." + Trusted());
      }
      if (entry.kind == EntryKind::kOriginFailure || entry.status >= 400) {
        return End(kError, fmt::format("the origin's failure is remembered for {} more.", Seconds(*found_.fresh_for)));
      }
      return End(kHit, fmt::format("it lies {}, fresh for {} more.", where, Seconds(*found_.fresh_for)) + Trusted());
    }
    if (entry.kind != EntryKind::kResponse || entry.status >= 400) {
      return End(kMiss, "what is kept is an error whose time is over." + Trusted());
    }
    if (now_ < entry.revalidate_until) {
      return End(kHit, "it is stale, and served once more while it is refreshed (stale-while-revalidate)." + Trusted());
    }
    return End(kRefreshHit, fmt::format("it lies {}, stale for {}: the origin is asked whether it has changed.", where,
                                        Seconds(Duration(-found_.fresh_for->count()))) +
                                Trusted());
  }

  const EdgeCore& core_;
  const Question& question_;
  Asked asked_;
  const Instant now_;
  const Site* site_ = nullptr;
  const SiteBehavior* behavior_ = nullptr;
  CacheKey key_;
  Explanation found_;
};

}  // namespace

Explanation Explain(const EdgeCore& core, const SiteMap& sites, const Question& question, Instant now) {
  return Inquiry(core, question, now).Run(sites);
}

}  // namespace meetinity::edge
