#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/http.h"
#include "net/tls.h"

namespace meetinity::net {

// Who answers for which host name, and with which certificate. Immutable once published; names are lower case without
// a port. A wildcard key "*.x" answers for exactly one label more; the exact name wins, then the wildcard, then
// `fallback`.
struct FrontDoorRoutes {
  struct Room {
    HttpHandler* handler = nullptr;                       // outlives the front door
    std::shared_ptr<const TlsServerContext> certificate;  // null: the room is not served over TLS
  };
  std::unordered_map<std::string, Room> rooms;
  Room fallback;  // answers unknown names; its certificate is shown to clients without SNI
};

// Shares one port among many names: Host picks the handler, SNI the certificate. A TLS connection's Host must lead to
// the certificate that its SNI was shown, else 421 Misdirected Request (RFC 9110, section 15.5.20).
//
// Publish may be called from any thread; every reactor adopts the new routes by itself and requests under way keep
// what they began with.
class FrontDoor : public HttpHandler, public CertificateSelector {
 public:
  FrontDoor();
  ~FrontDoor() override;
  void Publish(std::shared_ptr<const FrontDoorRoutes> routes);
  void OnRequest(const ExchangePtr& exchange) override;
  std::shared_ptr<const TlsServerContext> Select(std::string_view server_name) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace meetinity::net
