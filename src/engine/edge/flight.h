#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/edge/cache_entry.h"
#include "engine/edge/cache_key.h"
#include "engine/edge/compressor.h"
#include "engine/edge/flight_branch.h"
#include "engine/edge/site.h"
#include "net/http_client.h"
#include "net/reactor.h"

namespace meetinity::edge {

struct EdgeCore;
class Worker;

// What a flight is to fetch, and what may be done with it.
struct FetchPlan {
  SiteMapPtr sites;  // keeps the three below alive
  const Site* site = nullptr;
  const SiteBehavior* behavior = nullptr;
  CacheKey key;
  AcceptedEncodings encodings;
  bool viewer_tls = false;   // where an origin is asked as viewers ask
  EntryPtr stale;            // to revalidate, and to stand in while the origin fails; may be null
  bool may_store = false;    // a complete answer may be kept
  bool is_shared = false;    // in the table: others may join
  bool keeps_going = false;  // finishes without followers: refreshes an entry behind viewers' backs
};

// One fetch from an origin, for as many viewers as want it, on all reactors.
//
// Runs on the reactor that began it, its owner. Followers on any reactor join through their reactor's branch, which is
// told by message what arrives: so a body is received once, kept once, and sent to everybody as it grows. The first
// follower of a shared flight leads: when the answer turns out to be nobody else's, it alone gets it.
//
// Decides what becomes of the answer: kept, compressed first, taken as proof that the stale copy is still good,
// replaced by the stale copy, or only passed on. What is passed on without being kept is read from the origin no
// faster than viewers take it.
class Flight : public std::enable_shared_from_this<Flight> {
 public:
  // Nothing is sent yet: the flight can be in the table, and be joined, before its request is made. The epoch is taken
  // here, so that an invalidation from now on reaches what comes back.
  Flight(std::shared_ptr<EdgeCore> core, Worker& owner, FetchPlan plan);
  ~Flight();

  // On the owner's thread, once. `fallback` is for the behaviour's second origin, when the first one fails.
  void Begin(net::ClientRequest request, std::optional<net::ClientRequest> fallback = {});

  // Where `worker`'s viewers join; on that worker's thread.
  std::shared_ptr<FlightBranch> BranchOn(Worker& worker);

  const FetchPlan& plan() const { return plan_; }
  const CacheKey& key() const { return plan_.key; }
  const EpochPtr& epoch() const { return epoch_; }
  // True when an invalidation came after the fetch began, so that nobody new may join.
  bool IsOvertaken() const;
  // The request under way, to stream a body into; null when there is none any more. Owner's thread.
  net::ClientCall* call() const { return call_.get(); }

  // --- for branches, by Post to the owner's thread.
  void Activate(net::Reactor& reactor, std::shared_ptr<FlightBranch> branch);
  // A follower came (1) or left (-1). One that has what it wants lets the fill go on for the cache's sake.
  void ChangeInterest(int by, AfterLeaving after);
  // Breaks ownership cycles of a flight that will never end because its reactors have stopped.
  void Abandon();

  net::Reactor& owner_reactor() const { return reactor_; }

 private:
  struct Meter;

  void Send();
  // Turns to the second origin, if there is one that was not asked yet.
  bool FailOver();
  void OnHead(const net::ResponseHeadView& view);
  void OnData(std::string_view bytes);
  void OnEnd();
  void OnError(const Error& error);

  void BeginKeeping(const OriginAnswer& answer);
  void Keep(std::string_view bytes);
  void PassOn(std::string_view bytes);
  void StopKeeping();
  void StayAlone();
  void FinishKept();
  void FinishCompressed(const Result<std::string>& packed);
  void FinishRefreshed(const ResponseHead& not_modified);
  void StandIn(int failure_status);
  void Fail(int status);
  void GiveUp();

  bool MayStandIn() const;
  bool Reserve(size_t bytes);
  std::shared_ptr<CacheEntry> NewEntry(EntryKind kind, int status) const;
  void SetLifetime(CacheEntry& entry) const;
  void Store(const EntryPtr& entry);
  void LeaveTable();
  void Finish();
  template <class Event>
  void Tell(Event event);

  const std::shared_ptr<EdgeCore> core_;
  Worker& owner_;
  net::Reactor& reactor_;
  FetchPlan plan_;
  const EpochPtr epoch_;

  // Slot i belongs to reactor i alone.
  std::vector<std::shared_ptr<FlightBranch>> local_;

  // --- owner's thread only from here.
  struct ActiveBranch {
    net::Reactor* reactor;
    std::shared_ptr<FlightBranch> branch;
  };
  std::vector<ActiveBranch> active_;
  int interest_ = 0;
  bool in_table_ = false;
  bool finished_ = false;

  net::ClientRequest request_;
  std::optional<net::ClientRequest> fallback_;  // taken when the second origin is asked
  const OriginConfig* origin_ = nullptr;
  MonotonicInstant sent_;
  std::shared_ptr<net::ClientCall> call_;
  int attempt_ = 0;

  ResponseHeadPtr head_;  // null until it came
  Lifetime lifetime_;
  bool keeping_ = false;
  std::optional<Coding> coding_;    // compress when complete; followers wait until then
  std::shared_ptr<char[]> buffer_;  // of `buffer_size_` when the length is known
  net::FileRange buffer_file_;      // where `buffer_` lies, if in a file
  size_t buffer_size_ = 0;
  std::vector<net::Slice> chunks_;  // kept, without a known length
  size_t received_ = 0;
  size_t reserved_ = 0;  // of the budget for fills
  std::shared_ptr<Meter> meter_;
};
using FlightPtr = std::shared_ptr<Flight>;

}  // namespace meetinity::edge
