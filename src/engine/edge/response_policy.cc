#include "engine/edge/response_policy.h"

#include <algorithm>

#include "base/text.h"

namespace meetinity::edge {
namespace {

constexpr std::string_view kCorsPrefix = "access-control-";

bool HasCors(const net::HeaderBlock& block) {
  for (size_t i = 0; i < block.size(); ++i) {
    if (block[i].name.starts_with(kCorsPrefix)) return true;
  }
  return false;
}

void AddVary(net::HeaderBlock& out, std::string_view name) {
  const std::string vary(out.Find("vary").value_or(""));
  if (vary.empty()) return out.Set("vary", name);
  for (const std::string_view piece : Split(vary, ',')) {
    if (Trim(piece) == "*" || EqualsIgnoreCase(Trim(piece), name)) return;
  }
  out.Set("vary", vary + ", " + std::string(name));
}

}  // namespace

bool ResponsePolicy::AllowsOrigin(std::string_view origin) const {
  return cors->any_origin || std::any_of(cors->origins.begin(), cors->origins.end(),
                                         [&](const std::string& allowed) { return MatchesWildcard(allowed, origin); });
}

void ResponsePolicy::AddCors(const net::RequestHead& request, std::string_view origin, net::HeaderBlock& out) const {
  out.Add("access-control-allow-origin", cors->any_origin ? "*" : origin);
  if (cors->credentials) out.Add("access-control-allow-credentials", "true");
  if (!cors->exposed.empty()) out.Add("access-control-expose-headers", cors->exposed);
  // What is allowed is asked for beforehand, by a request of its own.
  if (request.method != "OPTIONS" || !request.Find("access-control-request-method")) return;
  out.Add("access-control-allow-methods", cors->methods);
  out.Add("access-control-allow-headers", cors->headers);
  if (cors->max_age_seconds) out.Add("access-control-max-age", std::to_string(*cors->max_age_seconds));
}

void ResponsePolicy::Apply(const net::RequestHead& request, const net::HeaderBlock& stored,
                           net::HeaderBlock& out) const {
  const std::optional<std::string_view> origin = cors ? request.Find("origin") : std::nullopt;
  // The origin's own answer to CORS stands whole, or falls whole.
  const bool own_cors = cors && (cors->precedence == Precedence::kPolicy || !HasCors(stored));
  const auto is_replaced = [this](std::string_view name) {
    return std::any_of(fields.begin(), fields.end(), [name](const Field& field) {
      return field.precedence == Precedence::kPolicy && field.name == name;
    });
  };
  out.Clear();
  for (size_t i = 0; i < stored.size(); ++i) {
    const net::HeaderView field = stored[i];
    if (own_cors && field.name.starts_with(kCorsPrefix)) continue;
    if (removed.contains(field.name) || is_replaced(field.name)) continue;
    out.Add(field.name, field.value);
  }
  for (const Field& field : fields) {
    if (!out.Find(field.name)) out.Add(field.name, field.value);
  }
  if (!own_cors) return;
  if (!cors->any_origin) AddVary(out, "Origin");
  if (origin && !origin->empty() && AllowsOrigin(*origin)) AddCors(request, *origin, out);
}

}  // namespace meetinity::edge
