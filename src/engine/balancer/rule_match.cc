#include "engine/balancer/rule_match.h"

#include <algorithm>

#include "base/text.h"
#include "engine/balancer/own_answer.h"
#include "engine/balancer/pattern.h"

namespace meetinity::balancer {
namespace {

constexpr PatternStyle kIgnoresCase = {.ignores_case = true};
constexpr PatternStyle kQueryStyle = {.ignores_case = true, .has_escapes = true};

bool AnyMatches(const std::vector<Pattern>& patterns, std::string_view text, PatternStyle style) {
  return std::ranges::any_of(patterns, [&](const Pattern& pattern) { return Matches(pattern, text, style); });
}

bool HoldsFor(const RuleView& rule, const net::RequestHead& request, std::string_view peer_address) {
  size_t sources = 0;
  for (const Condition& condition : rule.config->conditions) {
    bool holds = false;
    if (std::holds_alternative<SourceIpCondition>(condition)) {
      holds = LiesIn(rule.blocks[sources++], peer_address);
    } else {
      holds = std::visit(
          [&request](const auto& any) {
            if constexpr (std::is_same_v<std::decay_t<decltype(any)>, SourceIpCondition>) {
              return false;
            } else {
              return Holds(any, request);
            }
          },
          condition);
    }
    if (!holds) return false;
  }
  return true;
}

}  // namespace

bool Holds(const HostHeaderCondition& condition, const net::RequestHead& request) {
  return AnyMatches(condition.patterns, HostOf(request.authority), kIgnoresCase);
}

bool Holds(const PathPatternCondition& condition, const net::RequestHead& request) {
  return AnyMatches(condition.patterns, request.path, {});
}

bool Holds(const HttpHeaderCondition& condition, const net::RequestHead& request) {
  return std::ranges::any_of(request.headers, [&](const net::HeaderView& header) {
    return EqualsIgnoreCase(header.name, condition.name) && AnyMatches(condition.patterns, header.value, kIgnoresCase);
  });
}

bool Holds(const MethodCondition& condition, const net::RequestHead& request) {
  return std::ranges::any_of(condition.methods, [&](const std::string& method) { return method == request.method; });
}

bool Holds(const QueryStringCondition& condition, const net::RequestHead& request) {
  if (!request.has_query) return false;
  for (const std::string_view parameter : Split(request.query, '&')) {
    const size_t equals = parameter.find('=');
    const std::string_view key = parameter.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : parameter.substr(equals + 1);
    const bool matches = std::ranges::any_of(condition.pairs, [&](const QueryStringCondition::Pair& pair) {
      if (pair.key && !Matches(*pair.key, key, kQueryStyle)) return false;
      // Without a key any parameter's value may match, and so may one that is all key.
      return Matches(pair.value, value, kQueryStyle) ||
             (!pair.key && equals == std::string_view::npos && Matches(pair.value, key, kQueryStyle));
    });
    if (matches) return true;
  }
  return false;
}

const RuleView* MatchRule(const ListenerView& listener, const net::RequestHead& request, std::string_view peer_address,
                          size_t& evaluated) {
  evaluated = 0;
  for (const RuleView& rule : listener.rules) {
    ++evaluated;
    if (HoldsFor(rule, request, peer_address)) return &rule;
  }
  return nullptr;
}

}  // namespace meetinity::balancer
