#include "aws/cloudfront/origin_names.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "aws/cloudfront/errors.h"
#include "base/log.h"

namespace meetinity::cloudfront {

Result<std::vector<std::string>> ResolveBySystem(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0 || found == nullptr) {
    return Error{Kind::kInvalid, kInvalidOrigin,
                 fmt::format("the origin's name {} does not resolve on this machine", name)};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    char address[NI_MAXHOST] = {};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof(address), nullptr, 0, NI_NUMERICHOST) != 0) continue;
    addresses.emplace_back(address);
  }
  if (addresses.empty()) return Internal(fmt::format("no numeric address for {}", name));
  return addresses;
}

// Resolvers turn their answers round, so an address that the name still has is kept: connections to it go on.
Result<bool> OriginNames::Learn(const std::string& name) {
  const std::vector<std::string> addresses = TRY(resolve_(name));
  return names_.With([&](auto& names) {
    Known& known = names[name];
    known.is_lost = known.is_unused = false;
    if (std::find(addresses.begin(), addresses.end(), known.address) != addresses.end()) return false;
    known.address = addresses.front();
    return true;
  });
}

Status OriginNames::Resolve(const std::string& name) {
  TRY(Learn(name));
  return {};
}

std::string OriginNames::AddressOf(std::string_view name) const {
  return names_.With([&](auto& names) {
    const auto found = names.find(name);
    return found == names.end() ? std::string() : found->second.address;
  });
}

bool OriginNames::Refresh(const std::set<std::string>& names, const std::stop_token& stop) {
  names_.With([&](auto& known) {
    for (auto at = known.begin(); at != known.end();) {
      const bool was_unused = std::exchange(at->second.is_unused, !names.contains(at->first));
      at = was_unused && at->second.is_unused ? known.erase(at) : std::next(at);
    }
  });
  bool changed = false;
  for (const std::string& name : names) {
    if (stop.stop_requested()) break;
    const Result<bool> learnt = Learn(name);
    if (learnt.ok()) {
      changed = changed || *learnt;
      continue;
    }
    const bool is_news = names_.With([&](auto& known) { return !std::exchange(known[name].is_lost, true); });
    if (is_news) Log(LogLevel::kWarning, "cloudfront", "{}", learnt.error().detail);
  }
  return changed;
}

}  // namespace meetinity::cloudfront
