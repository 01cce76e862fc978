#pragma once

#include <string_view>

#include "engine/balancer/snapshot.h"
#include "net/http.h"

namespace meetinity::balancer {

// The first rule, by priority, whose conditions all hold; null when not even a default rule is there. `evaluated` is
// how many rules were looked at. ALB user guide, "Condition types for listener rules".
const RuleView* MatchRule(const ListenerView& listener, const net::RequestHead& request, std::string_view peer_address,
                          size_t& evaluated);

bool Holds(const HostHeaderCondition& condition, const net::RequestHead& request);
bool Holds(const PathPatternCondition& condition, const net::RequestHead& request);
bool Holds(const HttpHeaderCondition& condition, const net::RequestHead& request);
bool Holds(const MethodCondition& condition, const net::RequestHead& request);
bool Holds(const QueryStringCondition& condition, const net::RequestHead& request);

}  // namespace meetinity::balancer
