#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "engine/edge/flight.h"
#include "engine/edge/flight_branch.h"
#include "engine/edge/worker.h"

namespace meetinity::edge {

// A request that could not be answered at once: it waits for an origin, alone or with others, and is written to as
// fast as its client reads. The worker holds it until its answer is complete or its client is gone.
//
// Before the first byte of any answer it asks once more whether an invalidation has overtaken what it is about to
// send, and if so starts over; together with the round through all reactors that ends every invalidation, this is why
// nothing older is served afterwards.
class Viewer : public FlightFollower, public std::enable_shared_from_this<Viewer> {
 public:
  Viewer(Worker& worker, const Ask& ask, SiteMapPtr sites, const CacheKey& key);
  ~Viewer() override;

  // From the cache or the origin. Called again whenever what was found turned out to be unusable.
  void Serve();
  // The site's own page for `status`, which must have one (Site::FindErrorPage), fetched as if it had been asked for.
  void ServeErrorPage(int status);
  // The disk tier has been asked; what it had is in the cache now.
  void OnReadFromDisk();

  void OnHead(const ResponseHeadPtr& head, bool kept) override;
  void OnData(const net::Slice& slice) override;
  void OnEnd(const EntryPtr& entry) override;
  void OnBroken() override;
  void OnEntry(const EntryPtr& entry, Outcome outcome) override;
  void OnAlone() override;

 private:
  bool ServeStored(EntryPtr& stale);
  void FetchShared(EntryPtr stale);
  // Whether an origin is asked for all that the cache could keep, or for what this viewer wants of it.
  enum class Wants { kTheWhole, kJustThis };
  void FetchAlone(EntryPtr stale, Wants wants);
  void RefreshBehind(const CacheEntry& entry);
  FetchPlan PlanFetch(EntryPtr stale) const;
  void Launch(const FlightPtr& flight, bool with_conditions);
  net::ClientRequest OriginRequest(const FetchPlan& plan, const OriginConfig& origin, bool with_conditions) const;
  void Begin(const FlightPtr& flight, net::ClientRequest request, bool with_conditions) const;
  std::string_view OriginMethod(bool with_conditions) const;
  bool IsOvertaken() const;
  void RememberTiming();

  void AnswerEntry(const EntryPtr& entry, ResultType result, bool tell_age);
  void AnswerHeadOnly(const ResponseHead& head, bool not_modified);
  void PipeBody(const FlightPtr& flight);
  void Flush();
  void Leave(AfterLeaving after);
  void Restart();
  void Done(ResultType result, int status, std::string_view detail = {});
  void OnGone();
  AnswerWriter::Context ContextFor(ResultType result) const;
  bool HasPage(int status) const {
    return status_override_ == 0 && status >= 400 && site_.FindErrorPage(status) != nullptr;
  }
  ResultType ResultFor(int status) const;

  Worker& worker_;
  const net::ExchangePtr exchange_;
  const SiteMapPtr sites_;
  const Site& site_;
  const SiteBehavior* behavior_;
  std::string path_, query_;
  bool has_query_;
  RequestFacets facets_;
  const AcceptedEncodings encodings_;
  const RequestId id_;
  bool may_cache_;
  const bool is_repeatable_;  // may be asked again without harm
  CacheKey key_;
  const MonotonicInstant began_;
  int status_override_ = 0;  // set while an error page of the site's own is fetched

  std::shared_ptr<FlightBranch> branch_;
  std::optional<OriginTiming> timing_;  // of the answer that came for this viewer
  Rank rank_ = Rank::kLeader;
  bool origin_decides_ = false;  // it was told the viewer's Range and conditions, so its answer stands
  bool asked_disk_ = false;      // for key_
  bool started_ = false;
  bool ended_ = false;  // nothing more will be appended to pending_
  bool done_ = false;
  bool waits_for_entry_ = false;  // several ranges are cut from the whole body
  int status_ = 0;
  uint64_t uploaded_ = 0;  // bytes of the request's body so far
  ResultType result_ = ResultType::kMiss;
  // Of the answer that is under way, for the log: its head, and when that left.
  ResponseHeadPtr head_;
  SentHead sent_;
  MonotonicInstant first_byte_{};
  // The window of the body that is sent: everything, or one range.
  uint64_t skip_ = 0;
  std::optional<uint64_t> left_;
  std::deque<net::Slice> pending_;  // received and not yet written: the client reads slowly
};

}  // namespace meetinity::edge
