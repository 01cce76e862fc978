#include "net/front_door.h"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "base/text.h"

namespace meetinity::net {
namespace {

using Room = FrontDoorRoutes::Room;

// "Example.COM:8443" is asked for as "example.com". Names are compared a request, so nothing is allocated for those
// that are lower case already, which is nearly all.
std::string_view WithoutPort(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

const Room& FindRoom(const FrontDoorRoutes& routes, std::string_view name) {
  std::string key = ToLower(name);
  if (key.ends_with('.')) key.pop_back();  // the root's dot, which resolvers accept
  if (const auto exact = routes.rooms.find(key); exact != routes.rooms.end()) return exact->second;
  const size_t dot = key.find('.');
  if (dot != std::string::npos) {
    if (const auto wildcard = routes.rooms.find("*" + key.substr(dot)); wildcard != routes.rooms.end()) {
      return wildcard->second;
    }
  }
  return routes.fallback;
}

void RefuseMisdirected(HttpExchange& exchange) {
  HeaderBlock headers;
  headers.Add("content-type", "text/plain");
  exchange.Respond(421, headers, Slice::Static("This host is not served over this connection; open another one.\n"));
}

}  // namespace

struct FrontDoor::State {
  // What a thread saw last. Publish is rare and looked for with one relaxed load; only then a mutex is taken.
  struct Seen {
    uint64_t generation = 0;
    std::shared_ptr<const FrontDoorRoutes> routes;
  };

  std::shared_ptr<const FrontDoorRoutes> Current() {
    thread_local std::map<uint64_t, Seen> seen_by_thread;
    Seen& seen = seen_by_thread[id];
    const uint64_t now = generation.load(std::memory_order_acquire);
    if (seen.generation != now || !seen.routes) {
      const std::lock_guard lock(mutex);
      seen.generation = generation.load(std::memory_order_relaxed);
      seen.routes = routes;
    }
    return seen.routes;
  }

  // Never given twice, unlike an address.
  static uint64_t NextId() {
    static std::atomic<uint64_t> last{0};
    return ++last;
  }

  const uint64_t id = NextId();
  std::atomic<uint64_t> generation{0};
  std::mutex mutex;
  std::shared_ptr<const FrontDoorRoutes> routes = std::make_shared<FrontDoorRoutes>();
};

FrontDoor::FrontDoor() : state_(std::make_unique<State>()) {}
FrontDoor::~FrontDoor() = default;

void FrontDoor::Publish(std::shared_ptr<const FrontDoorRoutes> routes) {
  const std::lock_guard lock(state_->mutex);
  state_->routes = std::move(routes);
  state_->generation.fetch_add(1, std::memory_order_release);
}

void FrontDoor::OnRequest(const ExchangePtr& exchange) {
  const auto routes = state_->Current();
  const Room& room = FindRoom(*routes, WithoutPort(exchange->request().authority));
  const PeerInfo& peer = exchange->peer();
  // Another certificate than the one that was shown: the client believes to speak with somebody else.
  if (peer.tls && !peer.sni.empty() && FindRoom(*routes, peer.sni).certificate != room.certificate) {
    return RefuseMisdirected(*exchange);
  }
  if (peer.tls && room.certificate == nullptr) return RefuseMisdirected(*exchange);
  if (room.handler == nullptr) return RefuseMisdirected(*exchange);
  room.handler->OnRequest(exchange);
}

std::shared_ptr<const TlsServerContext> FrontDoor::Select(std::string_view server_name) {
  return FindRoom(*state_->Current(), server_name).certificate;
}

}  // namespace meetinity::net
