#include "engine/edge/site.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "engine/edge/cache_key.h"
#include "engine/edge/freshness.h"
#include "engine/edge/request_path.h"
#include "engine/edge/response_head.h"

namespace meetinity::edge {
namespace {

constexpr size_t kHostNameMax = 253;  // RFC 1035

const OriginConfig* FindOrigin(const Distribution& site, std::string_view id) {
  const auto found = std::find_if(site.origins.begin(), site.origins.end(),
                                  [id](const OriginConfig& origin) { return origin.id == id; });
  return found == site.origins.end() ? nullptr : &*found;
}

SiteBehavior CompileBehavior(const Behavior& config, const Distribution& site) {
  SiteBehavior behavior;
  behavior.config = &config;
  if (!config.path_pattern.empty()) behavior.pattern = CanonicalPattern(config.path_pattern);
  const auto group = std::find_if(site.groups.begin(), site.groups.end(),
                                  [&](const OriginGroup& each) { return each.id == config.origin_id; });
  if (group == site.groups.end()) {
    behavior.origin = FindOrigin(site, config.origin_id);
  } else {
    behavior.origin = FindOrigin(site, group->primary_id);
    behavior.fallback = FindOrigin(site, group->secondary_id);
    behavior.failover_statuses = &group->failover_statuses;
  }
  behavior.caches = CachingEnabled(config.cache);
  // Answers to requests with cookies may be one person's alone.
  behavior.collapses = behavior.caches && !ForwardsCookies(config.cache, behavior.origin_request());
  behavior.reduces_accept_encoding = (config.cache.accept_encoding_gzip || config.cache.accept_encoding_brotli) &&
                                     !ForwardsAcceptEncodingAsSent(config.cache);
  return behavior;
}

Site CompileSite(const Distribution& config, std::shared_ptr<SiteState> state) {
  Site site;
  site.config = &config;
  site.state = std::move(state);
  for (const Behavior& behavior : config.behaviors) {
    site.behaviors.push_back(CompileBehavior(behavior, config));
  }
  site.via = HexEncode(Md5(config.id)) + ".cloudfront.net (CloudFront)";
  return site;
}

}  // namespace

const SiteBehavior* Site::Match(std::string_view path) const {
  for (const SiteBehavior& behavior : behaviors) {
    if (behavior.pattern.empty() || MatchesWildcard(behavior.pattern, path)) return &behavior;
  }
  return nullptr;
}

const CustomError* Site::FindError(int status) const {
  const auto found = std::find_if(config->errors.begin(), config->errors.end(),
                                  [status](const CustomError& error) { return error.status == status; });
  return found == config->errors.end() ? nullptr : &*found;
}

const CustomError* Site::FindErrorPage(int status) const {
  const CustomError* error = FindError(status);
  return error == nullptr || error->response_page_path.empty() ? nullptr : error;
}

bool Site::Serves(std::string_view country) const {
  const GeoRestriction& geo = config->geo;
  if (geo.kind == GeoRestriction::Kind::kNone || country.empty()) return true;
  return geo.countries.contains(country) == (geo.kind == GeoRestriction::Kind::kOnly);
}

Duration Site::ErrorCachingMinTtl(int status) const {
  const CustomError* error = FindError(status);
  return error == nullptr ? CustomError{}.caching_min_ttl : error->caching_min_ttl;
}

SiteMap::SiteMap(EdgeConfigPtr config, const States& states) : config_(std::move(config)) {
  for (const Distribution& distribution : config_->distributions) {
    const Site& site = sites_.emplace_back(CompileSite(distribution, states.at(distribution.id)));
    names_.emplace(ToLower(distribution.domain_name), &site);
    for (const std::string& alias : distribution.aliases) {
      const std::string name = ToLower(alias);
      names_.emplace(name.starts_with("*.") ? name.substr(1) : name, &site);
    }
  }
}

const Site* SiteMap::Find(std::string_view authority) const {
  // Names only: no IPv6 literal is a distribution's name.
  std::string_view host = authority.substr(0, authority.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > kHostNameMax) return nullptr;
  std::array<char, kHostNameMax> lower;
  std::transform(host.begin(), host.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  std::string_view name(lower.data(), host.size());
  for (;;) {
    const auto found = names_.find(name);
    if (found != names_.end()) return found->second;
    const size_t dot = name.find('.', 1);
    if (dot == std::string_view::npos) return nullptr;
    name = name.substr(dot);  // ".x" stands for "*.x"
  }
}

}  // namespace meetinity::edge
