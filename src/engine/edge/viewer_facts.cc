#include "engine/edge/viewer_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace meetinity::edge {
namespace {

enum class Device { kDesktop, kMobile, kTablet, kSmartTv };

// By words that the makers of devices write into User-Agent; what says nothing is a desktop.
Device DeviceOf(const std::string& agent) {
  const auto has = [&](std::string_view word) { return agent.find(word) != std::string::npos; };
  if (has("smart-tv") || has("smarttv") || has("appletv") || has("googletv") || has("hbbtv") || has("netcast")) {
    return Device::kSmartTv;
  }
  const bool android = has("android");
  if (has("ipad") || has("tablet") || has("kindle") || (android && !has("mobile"))) return Device::kTablet;
  if (has("iphone") || has("ipod") || android || has("mobile") || has("blackberry")) return Device::kMobile;
  return Device::kDesktop;
}

std::string DeviceHeader(const net::RequestHead& request, std::string_view kind) {
  const std::string agent = ToLower(request.Find("user-agent").value_or(""));
  const auto say = [](bool value) { return std::string(value ? "true" : "false"); };
  const Device device = DeviceOf(agent);
  if (kind == "desktop") return say(device == Device::kDesktop);
  if (kind == "mobile") return say(device == Device::kMobile);
  if (kind == "tablet") return say(device == Device::kTablet);
  if (kind == "smarttv") return say(device == Device::kSmartTv);
  if (kind == "android") return say(agent.find("android") != std::string::npos);
  if (kind == "ios") {
    return say(agent.find("iphone") != std::string::npos || agent.find("ipad") != std::string::npos ||
               agent.find("ipod") != std::string::npos);
  }
  return "";
}

std::string_view VersionOf(net::HttpVersion version) {
  switch (version) {
    case net::HttpVersion::kHttp10:
      return "1.0";
    case net::HttpVersion::kHttp11:
      return "1.1";
    case net::HttpVersion::kHttp2:
      return "2.0";
  }
  return "";
}

std::string PlaceHeader(const ViewerFacts& facts, std::string_view what) {
  if (facts.geo == nullptr) return "";
  if (what == "country") return facts.geo->CountryOf(facts.peer->address);
  const GeoPlace place = facts.geo->Find(facts.peer->address);
  if (what == "country-name") return place.country_name;
  if (what == "country-region") return place.region;
  if (what == "country-region-name") return place.region_name;
  if (what == "city") return place.city;
  if (what == "postal-code") return place.postal_code;
  if (what == "metro-code") return place.metro_code;
  if (what == "time-zone") return place.time_zone;
  if (what == "latitude") return place.latitude;
  if (what == "longitude") return place.longitude;
  if (what == "asn") return place.asn;
  return "";
}

}  // namespace

std::string EdgeHeader(const ViewerFacts& facts, std::string_view name) {
  constexpr std::string_view kOwn = "cloudfront-", kIs = "is-", kViewer = "-viewer", kViewers = "viewer-";
  if (!IsEdgeHeader(name)) return "";
  name.remove_prefix(kOwn.size());
  if (name == "forwarded-proto") return facts.peer->tls ? "https" : "http";
  if (name.starts_with(kIs) && name.ends_with(kViewer) && name.size() > kIs.size() + kViewer.size()) {
    return DeviceHeader(*facts.request, name.substr(kIs.size(), name.size() - kIs.size() - kViewer.size()));
  }
  if (!name.starts_with(kViewers)) return "";
  name.remove_prefix(kViewers.size());
  if (name == "address") return fmt::format("{}:{}", facts.peer->address, facts.peer->port);
  if (name == "http-version") return std::string(VersionOf(facts.request->version));
  if (name == "tls") {
    if (!facts.peer->tls) return "";
    return fmt::format("{}:{}:fullHandshake", facts.peer->tls_protocol, facts.peer->tls_cipher);
  }
  return PlaceHeader(facts, name);
}

}  // namespace meetinity::edge
