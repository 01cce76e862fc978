#include "engine/edge/flight_branch.h"

#include <algorithm>
#include <utility>

#include "engine/edge/flight.h"

namespace meetinity::edge {

using Stage = FlightBranch::Progress::Stage;

FlightBranch::FlightBranch(std::shared_ptr<Flight> flight) : flight_(std::move(flight)), epoch_(flight_->epoch()) {}

// Members that join or leave during the walk are seen, or skipped, as they should be: hence the index.
template <class Call>
void FlightBranch::ForEach(Call call) {
  const auto self = shared_from_this();
  for (size_t i = 0; i < members_.size(); ++i) {
    const auto follower = members_[i].follower;
    if (follower) call(*follower, members_[i].rank);
  }
}

template <class Call>
void FlightBranch::EndWith(Stage stage, Call call) {
  const auto self = shared_from_this();
  progress_.stage = stage;
  flight_.reset();
  for (const Member& member : std::exchange(members_, {})) {
    if (member.follower) call(*member.follower, member.rank);
  }
}

void FlightBranch::Join(std::shared_ptr<FlightFollower> follower, Rank rank) {
  const auto self = shared_from_this();
  if (flight_) TellInterest(1, AfterLeaving::kMayCancel);
  members_.push_back({follower, rank});
  const bool goes_on = Replay(*follower, rank);
  if (goes_on) return;
  const size_t gone = std::erase_if(members_, [&](const Member& member) { return member.follower == follower; });
  if (gone > 0 && flight_) TellInterest(-1, AfterLeaving::kMayCancel);
}

// False when the follower has got its last call.
bool FlightBranch::Replay(FlightFollower& follower, Rank rank) const {
  // A follower may leave while it is told of the past; then its place is empty.
  const auto is_here = [&] {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const Member& member) { return member.follower.get() == &follower; });
  };
  if (progress_.leader_only && rank == Rank::kWaiter) return follower.OnAlone(), false;
  if (progress_.stage == Stage::kWaiting) return true;
  if (progress_.stage == Stage::kAlone) return follower.OnAlone(), false;
  if (progress_.stage == Stage::kEntry) return follower.OnEntry(progress_.entry, progress_.outcome), false;
  follower.OnHead(progress_.head, progress_.kept);
  for (size_t i = 0; i < progress_.slices.size() && is_here(); ++i) follower.OnData(progress_.slices[i]);
  if (!is_here()) return false;
  if (progress_.stage == Stage::kEnded) return follower.OnEnd(progress_.entry), false;
  if (progress_.stage == Stage::kBroken) return follower.OnBroken(), false;
  return true;
}

void FlightBranch::Leave(const FlightFollower* follower, AfterLeaving after) {
  for (Member& member : members_) {
    if (member.follower.get() != follower) continue;
    member.follower.reset();
    if (flight_) TellInterest(-1, after);
  }
}

void FlightBranch::TellInterest(int by, AfterLeaving after) {
  if (flight_->owner_reactor().OnThisThread()) {
    const std::shared_ptr<Flight> flight = flight_;
    flight->ChangeInterest(by, after);
  } else {
    flight_->owner_reactor().Post([flight = flight_, by, after] { flight->ChangeInterest(by, after); });
  }
}

void FlightBranch::Head(const ResponseHeadPtr& head, bool kept) {
  progress_.stage = Stage::kStreaming;
  progress_.head = head;
  progress_.kept = kept;
  ForEach([&](FlightFollower& follower, Rank) { follower.OnHead(head, kept); });
}

void FlightBranch::Data(const net::Slice& slice) {
  if (progress_.kept) progress_.slices.push_back(slice);
  ForEach([&](FlightFollower& follower, Rank) { follower.OnData(slice); });
}

void FlightBranch::StopKeeping() {
  progress_.kept = false;
  progress_.leader_only = true;  // who is here goes on; who comes later has missed the beginning
  progress_.slices.clear();
}

void FlightBranch::End(const EntryPtr& entry) {
  progress_.entry = entry;
  EndWith(Stage::kEnded, [&](FlightFollower& follower, Rank) { follower.OnEnd(entry); });
}

void FlightBranch::Broken() {
  EndWith(Stage::kBroken, [](FlightFollower& follower, Rank) { follower.OnBroken(); });
}

void FlightBranch::Entry(const EntryPtr& entry, Outcome outcome) {
  progress_.entry = entry;
  progress_.outcome = outcome;
  EndWith(Stage::kEntry, [&](FlightFollower& follower, Rank) { follower.OnEntry(entry, outcome); });
}

void FlightBranch::Alone() {
  EndWith(Stage::kAlone, [](FlightFollower& follower, Rank) { follower.OnAlone(); });
}

void FlightBranch::AloneButLeader() {
  progress_.leader_only = true;
  std::vector<std::shared_ptr<FlightFollower>> sent_away;
  for (Member& member : members_) {
    if (member.rank == Rank::kLeader || !member.follower) continue;
    sent_away.push_back(std::move(member.follower));
    member.follower.reset();
  }
  for (const auto& follower : sent_away) {
    if (flight_) TellInterest(-1, AfterLeaving::kMayCancel);
    follower->OnAlone();
  }
}

void FlightBranch::CatchUp(const Progress& progress) {
  if (progress_.stage != Stage::kWaiting) return;
  progress_.timing = progress.timing;
  if (progress.leader_only) AloneButLeader();
  if (progress.stage == Stage::kWaiting) return;
  if (progress.head) Head(progress.head, progress.kept);
  for (const net::Slice& slice : progress.slices) Data(slice);
  switch (progress.stage) {
    case Stage::kWaiting:
    case Stage::kStreaming:
      break;
    case Stage::kEnded:
      End(progress.entry);
      break;
    case Stage::kBroken:
      Broken();
      break;
    case Stage::kEntry:
      Entry(progress.entry, progress.outcome);
      break;
    case Stage::kAlone:
      Alone();
      break;
  }
}

void FlightBranch::Abandon() {
  members_.clear();
  flight_.reset();
}

}  // namespace meetinity::edge
