#include "wire/rest_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>

#include "base/text.h"
#include "wire/refusals.h"

namespace meetinity::wire {
namespace {

constexpr std::string_view kInvalidUri = "InvalidURI";
constexpr std::string_view kMethodNotAllowed = "MethodNotAllowed";
constexpr std::string_view kNoSuchResource = "UnknownOperationException";

// The request's path against a template, piece by piece. S3 of a virtual-hosted bucket has the bucket as first piece.
struct Target {
  std::vector<std::string_view> pieces;  // as sent
  std::string_view greedy_from(size_t index) const {
    if (index >= pieces.size()) return {};
    return {pieces[index].data(),
            static_cast<size_t>(pieces.back().data() + pieces.back().size() - pieces[index].data())};
  }
};

Target SplitTarget(const ServiceShape& service, const ProtocolRequest& request) {
  Target target;
  std::string_view path = request.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (!service.is_s3) {
    for (const std::string_view piece : Split(path, '/')) target.pieces.push_back(piece);
    if (!target.pieces.empty() && target.pieces.back().empty()) target.pieces.pop_back();
    return target;
  }
  // Bucket and key; the key keeps its slashes, also leading and trailing ones.
  if (!request.virtual_bucket.empty()) {
    target.pieces.push_back(request.virtual_bucket);
  } else if (!path.empty()) {
    const size_t slash = path.find('/');
    target.pieces.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  if (!path.empty()) target.pieces.push_back(path);
  return target;
}

bool PathFits(const OperationShape& operation, const Target& target, bool is_s3) {
  const bool greedy = !operation.path.empty() && operation.path.back().kind == UriSegment::kGreedyLabel;
  if (greedy && !is_s3 ? target.pieces.size() < operation.path.size() : target.pieces.size() != operation.path.size())
    return false;
  for (size_t i = 0; i < operation.path.size(); ++i) {
    if (operation.path[i].kind == UriSegment::kLiteral && operation.path[i].text != target.pieces[i]) return false;
  }
  return true;
}

using QueryParameters = std::vector<QueryParameter>;

const std::string* FindParameter(const QueryParameters& parameters, std::string_view name) {
  const auto found = std::ranges::lower_bound(parameters, name, {}, &QueryParameter::first);
  return found != parameters.end() && found->first == name ? &found->second : nullptr;
}

bool QueryFits(const OperationShape& operation, const QueryParameters& parameters) {
  return std::ranges::all_of(operation.query, [&](const QueryLiteral& literal) {
    const std::string* value = FindParameter(parameters, literal.name);
    return value && (literal.value.empty() || *value == literal.value);
  });
}

// How well an operation fits, best last. Literals decide first; then it counts against an operation that something it
// needs is absent, and for it that what it needs is there: so PUT with a copy source is a copy.
struct Fit {
  size_t path_literals = 0;
  size_t query_literals = 0;
  int needs = 0;
  bool served = false;
  auto operator<=>(const Fit&) const = default;
};

Fit FitOf(const OperationShape& operation, const QueryParameters& parameters, const ProtocolRequest& request) {
  Fit fit;
  fit.path_literals = static_cast<size_t>(std::ranges::count(operation.path, UriSegment::kLiteral, &UriSegment::kind));
  fit.query_literals = operation.query.size();
  constexpr int kAbsent = -100;  // outweighs any number of needs that are met
  for (const std::string_view name : operation.required_query)
    fit.needs += FindParameter(parameters, name) ? 1 : kAbsent;
  for (const std::string_view name : operation.required_headers) fit.needs += request.Find(name) ? 1 : kAbsent;
  fit.served = operation.support != Support::kRefused;
  return fit;
}

// "DELETE /bucket?acl" must not delete the bucket: a sub-resource that the operation does not know is refused. So is
// an upload id where the operation takes none, else a broken multipart client would overwrite the object.
bool IgnoresSubresource(const ServiceShape& service, const OperationShape& operation,
                        const QueryParameters& parameters) {
  if (parameters.empty()) return false;
  const auto is_foreign = [&](const OperationShape& other) {
    return std::ranges::any_of(other.query, [&](const QueryLiteral& literal) {
      return literal.value.empty() && FindParameter(parameters, literal.name) &&
             std::ranges::find(operation.query, literal.name, &QueryLiteral::name) == operation.query.end();
    });
  };
  if (std::ranges::any_of(service.operations, [&](const OperationShape& other) {
        return other.path.size() == operation.path.size() && is_foreign(other);
      })) {
    return true;
  }
  return operation.path.size() == 2 && FindParameter(parameters, "uploadId") &&
         std::ranges::find(operation.required_query, "uploadId") == operation.required_query.end();
}

// With which methods the target would have been one that is known.
std::string OtherMethods(const ServiceShape& service, const Target& target, const QueryParameters& parameters,
                         std::string_view method) {
  std::string methods;
  for (const OperationShape& operation : service.operations) {
    if (operation.method == method || methods.find(operation.method) != std::string::npos) continue;
    if (!PathFits(operation, target, service.is_s3) || !QueryFits(operation, parameters)) continue;
    methods += (methods.empty() ? "" : ", ") + std::string(operation.method);
  }
  return methods;
}

Error NothingFits(const ServiceShape& service, const ProtocolRequest& request, const std::string& allowed) {
  if (service.is_s3 || !allowed.empty()) {
    Error error{Kind::kInvalid, kMethodNotAllowed, "The specified method is not allowed against this resource."};
    error = std::move(error).With("Method", std::string(request.method));
    return allowed.empty() ? error : std::move(error).With("allow", allowed);
  }
  return Error{Kind::kNotFound, kNoSuchResource,
               fmt::format("{} has no operation {} {}", service.service_id, request.method, request.path)};
}

Status ReadLabels(const OperationShape& operation, const Target& target, bool is_s3, Route& route) {
  for (size_t i = 0; i < operation.path.size(); ++i) {
    const UriSegment& segment = operation.path[i];
    if (segment.kind == UriSegment::kLiteral) continue;
    const std::string_view text = segment.kind == UriSegment::kGreedyLabel ? target.greedy_from(i) : target.pieces[i];
    Result<std::string> label = PercentDecode(text);
    if (!label.ok() || !IsValidUtf8(*label)) {
      return Error{Kind::kInvalid, is_s3 ? kInvalidUri : std::string_view("InvalidInput"),
                   "Couldn't parse the specified URI."};
    }
    route.labels.emplace_back(segment.text, std::move(label).value());
  }
  return {};
}

}  // namespace

Result<Route> FindRestRoute(const ServiceShape& service, Protocol protocol, const ProtocolRequest& request) {
  Route route{.protocol = protocol, .operation = nullptr, .labels = {}, .parameters = {}};
  Result<QueryParameters> parameters = ParseQuery(request.query);
  if (!parameters.ok()) return Error{Kind::kInvalid, kInvalidUri, "Couldn't parse the specified URI."};
  route.parameters = std::move(parameters).value();
  std::ranges::stable_sort(route.parameters, {}, &QueryParameter::first);

  const Target target = SplitTarget(service, request);
  Fit best;
  for (const OperationShape& operation : service.operations) {
    if (operation.method != request.method || !PathFits(operation, target, service.is_s3) ||
        !QueryFits(operation, route.parameters))
      continue;
    const Fit fit = FitOf(operation, route.parameters, request);
    if (route.operation && fit <= best) continue;
    best = fit;
    route.operation = &operation;
  }
  if (!route.operation || (service.is_s3 && IgnoresSubresource(service, *route.operation, route.parameters))) {
    return NothingFits(service, request, OtherMethods(service, target, route.parameters, request.method));
  }
  if (route.operation->support == Support::kRefused) return NotServed(service, protocol, *route.operation);
  TRY(ReadLabels(*route.operation, target, service.is_s3, route));
  return route;
}

}  // namespace meetinity::wire
