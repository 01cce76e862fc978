#include <algorithm>

#include "base/text.h"
#include "wire/codec.h"
#include "wire/refusals.h"
#include "wire/rest_route.h"

namespace meetinity::wire {
namespace {

bool Speaks(const ServiceShape& service, Protocol protocol) {
  return std::ranges::find(service.protocols, protocol) != service.protocols.end();
}

// "/service/GraniteServiceVersion20100801/operation/PutMetricData" → the operation; empty for another path.
std::string_view RpcOperation(std::string_view path) {
  if (!path.starts_with("/service/")) return {};
  constexpr std::string_view kInfix = "/operation/";
  const size_t at = path.find(kInfix);
  return at == std::string_view::npos ? std::string_view() : path.substr(at + kInfix.size());
}

// "CertificateManager.ListCertificates" → "ListCertificates", whatever the prefix: the dispatcher found the service.
std::string_view TargetOperation(const ProtocolRequest& request) {
  const std::string_view target = request.Find("x-amz-target").value_or("");
  const size_t dot = target.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : target.substr(dot + 1);
}

bool MentionsAction(std::string_view form) {
  return form.starts_with("Action=") || form.find("&Action=") != std::string_view::npos;
}

Result<Route> ByName(const ServiceShape& service, Protocol protocol, std::string_view name, Route route) {
  route.operation = service.FindOperation(name);
  if (!route.operation) return UnknownOperation(service, protocol, name);
  if (route.operation->support == Support::kRefused) return NotServed(service, protocol, *route.operation);
  return route;
}

Result<Route> FindQueryRoute(const ServiceShape& service, Protocol protocol, const ProtocolRequest& request) {
  Route route{.protocol = protocol, .operation = nullptr, .labels = {}, .parameters = {}};
  for (const std::string_view form : {request.query, request.body}) {
    Result<std::vector<QueryParameter>> parameters = ParseQuery(form);
    if (!parameters.ok()) {
      return Error{Kind::kInvalid, "MalformedQueryString", "The query string contains a syntax error."};
    }
    std::ranges::move(*parameters, std::back_inserter(route.parameters));
  }
  std::ranges::stable_sort(route.parameters, {}, &QueryParameter::first);
  const auto action = std::ranges::find(route.parameters, "Action", &QueryParameter::first);
  const std::string name = action == route.parameters.end() ? std::string() : action->second;
  return ByName(service, protocol, name, std::move(route));
}

}  // namespace

std::optional<std::string_view> ProtocolRequest::Find(std::string_view lower_case_header) const {
  const auto found = std::ranges::find(headers, lower_case_header, &net::HeaderView::name);
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

Protocol DetectProtocol(const ServiceShape& service, const ProtocolRequest& request) {
  if (service.protocols.size() == 1) return service.protocols.front();
  if (Speaks(service, Protocol::kRpcV2Cbor) &&
      (request.Find("smithy-protocol") == "rpc-v2-cbor" || !RpcOperation(request.path).empty())) {
    return Protocol::kRpcV2Cbor;
  }
  if (request.Find("x-amz-target")) {
    for (const Protocol json : {Protocol::kJson10, Protocol::kJson11}) {
      if (Speaks(service, json)) return json;
    }
  }
  if (Speaks(service, Protocol::kQuery) && (MentionsAction(request.query) || MentionsAction(request.body)))
    return Protocol::kQuery;
  return service.protocols.front();
}

Result<Route> FindRoute(const ServiceShape& service, Protocol protocol, const ProtocolRequest& request) {
  const Route route{.protocol = protocol, .operation = nullptr, .labels = {}, .parameters = {}};
  switch (protocol) {
    case Protocol::kRestXml:
    case Protocol::kRestJson:
      return FindRestRoute(service, protocol, request);
    case Protocol::kQuery:
    case Protocol::kEc2:
      return FindQueryRoute(service, protocol, request);
    case Protocol::kJson10:
    case Protocol::kJson11:
      return ByName(service, protocol, TargetOperation(request), route);
    case Protocol::kRpcV2Cbor:
      return ByName(service, protocol, RpcOperation(request.path), route);
  }
  return UnknownOperation(service, protocol, {});
}

}  // namespace meetinity::wire
