#include "aws/s3/lifecycle_plan.h"

#include <algorithm>

namespace meetinity::s3 {
namespace {

LifecycleSubject SubjectOf(const LifecycleRow& row) { return {row.key, row.tags, row.size}; }

LifecycleAction ActionOn(const LifecycleRow& row, LifecycleDeed deed, Instant at) {
  return {deed, row.key, row.version_id, row.sequence, row.modified, at, ""};
}

void AppendTransition(const LifecycleRow& row, const std::optional<LifecycleDue>& due,
                      std::vector<LifecycleAction>& actions) {
  if (!due) return;
  actions.push_back(ActionOn(row, LifecycleDeed::kTransition, due->at));
  actions.back().storage_class = due->storage_class;
}

}  // namespace

LifecyclePlanner::LifecyclePlanner(LifecycleRulesPtr rules, Versioning versioning, Instant now)
    : rules_(std::move(rules)), versioning_(versioning), now_(now) {}

LifecyclePlanner::Head::Head(const LifecycleRow& newest)
    : key(newest.key), successor_made(newest.modified), emptied(newest.modified) {}

void LifecyclePlanner::Take(const LifecycleRow& row, std::vector<LifecycleAction>& actions) {
  if (head_ && head_->key == row.key) {
    TakeNoncurrent(row, std::nullopt, actions);
    return;
  }
  Finish(actions);
  Begin(row, actions);
}

// The newest version of a key.
void LifecyclePlanner::Begin(const LifecycleRow& row, std::vector<LifecycleAction>& actions) {
  Head& head = head_.emplace(row);
  if (row.delete_marker) {
    head.marker = ActionOn(row, LifecycleDeed::kRemoveMarker, now_);
    head.marker_made = row.modified;
    return;
  }
  const auto due = rules_->Expiration(SubjectOf(row), row.modified);
  if (!due || due->at > now_) {
    head.others_stay = true;
    AppendTransition(row, rules_->Transition(SubjectOf(row), row.modified, row.storage_class, now_), actions);
    return;
  }
  actions.push_back(ActionOn(row, LifecycleDeed::kExpire, due->at));
  if (versioning_ == Versioning::kNever) return;
  head.marker = LifecycleAction{LifecycleDeed::kRemoveMarker, row.key, "", row.sequence + 1, due->at, now_, ""};
  head.marker_made = due->at;
  head.successor_made = due->at;
  head.emptied = due->at;
  // The marker takes the place of the null version, be it this one or an older one.
  head.null_replaced = versioning_ == Versioning::kSuspended;
  // It was in the class that it had reached by then.
  TakeNoncurrent(row, rules_->Transition(SubjectOf(row), row.modified, row.storage_class, due->at), actions);
}

void LifecyclePlanner::TakeNoncurrent(const LifecycleRow& row, const std::optional<LifecycleDue>& earlier_transition,
                                      std::vector<LifecycleAction>& actions) {
  Head& head = *head_;
  if (head.null_replaced && row.version_id == kNullVersion) return;
  const Instant since = std::exchange(head.successor_made, row.modified);
  const int64_t newer = head.noncurrent++;
  const auto due = rules_->NoncurrentExpiration(SubjectOf(row), since, newer);
  if (due && due->at <= now_) {
    actions.push_back(ActionOn(row, LifecycleDeed::kRemove, due->at));
    head.emptied = std::max(head.emptied, due->at);
    return;
  }
  head.others_stay = true;
  if (row.delete_marker) return;
  const std::string_view reached = earlier_transition ? earlier_transition->storage_class : row.storage_class;
  const auto transition = rules_->NoncurrentTransition(SubjectOf(row), since, newer, reached, now_);
  AppendTransition(row, transition ? transition : earlier_transition, actions);
}

void LifecyclePlanner::Finish(std::vector<LifecycleAction>& actions) {
  if (!head_) return;
  const Head head = *std::exchange(head_, std::nullopt);
  if (!head.marker || head.others_stay) return;
  const auto due = rules_->LoneMarkerRemoval(head.key, head.marker_made);
  if (!due) return;
  const Instant at = std::max(due->at, head.emptied);
  if (at > now_) return;
  actions.push_back(*head.marker);
  actions.back().at = at;
}

}  // namespace meetinity::s3
