#include "engine/edge/invalidation_log.h"

#include <algorithm>

#include "engine/edge/request_path.h"

namespace meetinity::edge {
InvalidationLog::InvalidationLog(uint64_t after, Keeps keeps) : latest_(after) {
  rules_.With([&](Rules& rules) {
    rules.keeps = keeps;
    rules.current = std::make_shared<FetchEpoch>(FetchEpoch{after});
    rules.epochs.push_back(rules.current);
  });
}

void InvalidationLog::Recall(uint64_t number, std::string_view pattern) {
  rules_.With([&](Rules& rules) { rules.Insert(number, pattern); });
}

void InvalidationLog::RecallAllSince(uint64_t number) {
  rules_.With([&](Rules& rules) { rules.ForgetAllBefore(number); });
}

EpochPtr InvalidationLog::CurrentEpoch() const {
  return rules_.With([](const Rules& rules) { return rules.current; });
}

uint64_t InvalidationLog::Add(std::span<const std::string> patterns) {
  return rules_.With([&](Rules& rules) {
    const uint64_t number = latest_.load(std::memory_order_relaxed) + 1;
    rules.current = std::make_shared<FetchEpoch>(FetchEpoch{number});
    if (rules.keeps == Keeps::kWhileFetchesAreHeld) rules.epochs.push_back(rules.current);
    for (const std::string& pattern : patterns) rules.Insert(number, pattern);
    rules.Prune();
    latest_.store(number, std::memory_order_release);
    return number;
  });
}

bool InvalidationLog::IsStale(std::string_view target, uint64_t fetched) const {
  return rules_.With([&](const Rules& rules) {
    if (fetched < rules.all_since) return true;
    const auto is_younger = [fetched](const Numbers& numbers, std::string_view text) {
      const auto found = numbers.find(text);
      return found != numbers.end() && fetched < found->second;
    };
    if (is_younger(rules.exact, target)) return true;
    return std::any_of(rules.prefix_lengths.begin(), rules.prefix_lengths.upper_bound(target.size()),
                       [&](const auto& length) { return is_younger(rules.prefixes, target.substr(0, length.first)); });
  });
}

size_t InvalidationLog::rule_count() const {
  return rules_.With([](const Rules& rules) { return rules.exact.size() + rules.prefixes.size(); });
}

void InvalidationLog::Rules::Insert(uint64_t number, std::string_view pattern) {
  const bool is_prefix = pattern.ends_with('*');
  if (is_prefix) pattern.remove_suffix(1);
  if (is_prefix && (pattern.empty() || pattern == "/")) return ForgetAllBefore(number);
  std::string normalized;  // keys hold paths in this spelling
  const bool as_sent = NormalizePath(pattern, normalized) != PathVerdict::kNormalized;
  Rule rule{number, is_prefix, as_sent ? std::string(pattern) : std::move(normalized)};
  Numbers& numbers = is_prefix ? prefixes : exact;
  const auto [at, inserted] = numbers.insert_or_assign(rule.text, number);
  if (inserted && is_prefix) ++prefix_lengths[rule.text.size()];
  in_order.push_back(std::move(rule));
}

void InvalidationLog::Rules::Forget(const Rule& rule) {
  Numbers& numbers = rule.is_prefix ? prefixes : exact;
  const auto found = numbers.find(rule.text);
  if (found == numbers.end() || found->second != rule.number) return;  // a younger rule has the same pattern
  numbers.erase(found);
  if (!rule.is_prefix) return;
  const auto length = prefix_lengths.find(rule.text.size());
  if (--length->second == 0) prefix_lengths.erase(length);
}

void InvalidationLog::Rules::ForgetAllBefore(uint64_t number) {
  all_since = std::max(all_since, number);
  while (!in_order.empty() && in_order.front().number <= all_since) {
    Forget(in_order.front());
    in_order.pop_front();
  }
}

void InvalidationLog::Rules::Prune() {
  if (keeps == Keeps::kWhileFetchesAreHeld) PruneByEpochs();
  while (in_order.size() > kRulesMax) ForgetAllBefore(in_order.front().number);
}

void InvalidationLog::Rules::PruneByEpochs() {
  while (epochs.front().expired()) epochs.pop_front();  // ends at `current` at the latest
  while (epochs.size() > kRulesMax) {
    epochs.pop_front();
    const EpochPtr oldest = epochs.front().lock();
    if (oldest) ForgetAllBefore(oldest->start);
  }
  const EpochPtr oldest = epochs.front().lock();
  if (!oldest) return;  // its last holder let go just now; the next call prunes
  while (!in_order.empty() && in_order.front().number <= oldest->start) {
    Forget(in_order.front());
    in_order.pop_front();
  }
}

}  // namespace meetinity::edge
