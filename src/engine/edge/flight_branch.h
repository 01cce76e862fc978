#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "engine/edge/cache_entry.h"
#include "engine/edge/response_head.h"
#include "net/http.h"
#include "net/reactor.h"

namespace meetinity::edge {

class Flight;

enum class Rank { kLeader, kWaiter };
// How an entry that ends a flight came about.
enum class Outcome { kFetched, kRevalidated, kStoodIn };
// What a leaving follower means for the fill: nobody's business, or still wanted in the cache.
enum class AfterLeaving { kMayCancel, kFinishFill };

// What an origin's answer took, for those who want to see where time goes. A name's address is known beforehand.
struct OriginTiming {
  Duration connect{0};     // 0: a connection stood already
  Duration first_byte{0};  // from the request's last byte on
};

// Somebody who waits for a flight. Called on the thread it joined from; gets either OnHead, OnData…, then OnEnd or
// OnBroken; or OnEntry; or OnAlone. After the last of these, or after Leave, nothing more.
class FlightFollower {
 public:
  virtual ~FlightFollower() = default;
  // `kept`: the whole body will be in the entry that OnEnd brings.
  virtual void OnHead(const ResponseHeadPtr& head, bool kept) = 0;
  virtual void OnData(const net::Slice& slice) = 0;
  virtual void OnEnd(const EntryPtr& entry) = 0;  // null when it was not kept
  virtual void OnBroken() = 0;                    // the body ended early
  virtual void OnEntry(const EntryPtr& entry, Outcome outcome) = 0;
  virtual void OnAlone() = 0;  // the answer is not for sharing: ask the origin yourself
};

// One reactor's share in a flight: what has arrived so far, and who waits for it here. Used on that reactor's thread
// only, so that a thousand waiters cost one message per event and reactor.
class FlightBranch : public std::enable_shared_from_this<FlightBranch> {
 public:
  explicit FlightBranch(std::shared_ptr<Flight> flight);

  // Replays what has arrived, perhaps down to the end, before it returns.
  void Join(std::shared_ptr<FlightFollower> follower, Rank rank);
  void Leave(const FlightFollower* follower, AfterLeaving after);
  const EpochPtr& epoch() const { return epoch_; }
  // Null until an origin has answered, and for behaviours that do not tell it.
  const OriginTiming* timing() const { return progress_.timing ? &*progress_.timing : nullptr; }

  // --- what the flight tells.
  void Timed(const OriginTiming& timing) { progress_.timing = timing; }
  void Head(const ResponseHeadPtr& head, bool kept);
  void Data(const net::Slice& slice);
  void StopKeeping();
  void End(const EntryPtr& entry);
  void Broken();
  void Entry(const EntryPtr& entry, Outcome outcome);
  void Alone();  // to everybody
  void AloneButLeader();

  // What a branch that opens late has missed: a copy of the owner's own.
  struct Progress {
    enum class Stage { kWaiting, kStreaming, kEnded, kBroken, kEntry, kAlone };
    Stage stage = Stage::kWaiting;
    ResponseHeadPtr head;
    bool kept = false;
    std::vector<net::Slice> slices;
    EntryPtr entry;
    std::optional<OriginTiming> timing;
    Outcome outcome = Outcome::kFetched;
    bool leader_only = false;
  };
  const Progress& progress() const { return progress_; }
  void CatchUp(const Progress& progress);
  void Abandon();

 private:
  struct Member {
    std::shared_ptr<FlightFollower> follower;  // null: has left
    Rank rank;
  };
  template <class Call>
  void ForEach(Call call);
  template <class Call>
  void EndWith(Progress::Stage stage, Call call);
  bool Replay(FlightFollower& follower, Rank rank) const;
  void TellInterest(int by, AfterLeaving after);

  std::shared_ptr<Flight> flight_;  // null once it has ended
  EpochPtr epoch_;
  Progress progress_;
  std::vector<Member> members_;
};

}  // namespace meetinity::edge
