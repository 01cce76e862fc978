#include "engine/edge/viewer.h"

#include <utility>

#include "engine/edge/error_page.h"
#include "engine/edge/origin_request.h"

namespace meetinity::edge {

Viewer::Viewer(Worker& worker, const Ask& ask, SiteMapPtr sites, const CacheKey& key)
    : worker_(worker),
      exchange_(ask.exchange),
      sites_(std::move(sites)),
      site_(*ask.site),
      behavior_(ask.behavior),
      path_(ask.path),
      query_(ask.query),
      has_query_(ask.has_query),
      facets_(ask.facets),
      encodings_(ask.encodings),
      id_(ask.id),
      may_cache_(ask.may_cache),
      is_repeatable_(!ask.exchange->request().has_body &&
                     (ask.facets.is_get || ask.facets.is_head || ask.exchange->request().method == "OPTIONS")),
      key_(key),
      began_(worker.reactor().monotonic()) {}

Viewer::~Viewer() = default;

// --- where the answer comes from

void Viewer::Serve() {
  const auto self = shared_from_this();
  exchange_->OnGone([weak = weak_from_this()] {
    if (const auto viewer = weak.lock()) viewer->OnGone();
  });
  if (!may_cache_) return FetchAlone(nullptr, Wants::kJustThis);
  EntryPtr stale;
  if (ServeStored(stale)) return;
  if (!stale && !std::exchange(asked_disk_, true) && worker_.ReadFromDisk(key_, self)) return;
  // An answer that is never fresh is proved anew for every viewer; only those that live on are worth waiting for.
  const bool is_shared = behavior_->collapses && !(stale && stale->fresh_until <= stale->stored_at);
  if (is_shared) return FetchShared(std::move(stale));
  FetchAlone(std::move(stale), Wants::kTheWhole);
}

void Viewer::OnReadFromDisk() {
  if (!done_) Serve();
}

// True when the cache had the answer, or knows that it is not worth to wait for others; `stale` is what may be
// revalidated.
bool Viewer::ServeStored(EntryPtr& stale) {
  const HotPinPtr* pin = worker_.Find(key_, site_);
  if (pin == nullptr) return false;
  const EntryPtr entry = (*pin)->entry;
  const Instant now = worker_.reactor().now();
  if (entry->IsFresh(now)) {
    if (entry->kind == EntryKind::kPassMarker) return FetchAlone(nullptr, Wants::kJustThis), true;
    if (HasPage(entry->status)) return ServeErrorPage(entry->status), true;
    return AnswerEntry(entry, ResultType::kHit, true), true;
  }
  if (entry->kind != EntryKind::kResponse || entry->status >= 400) return false;
  if (now < entry->revalidate_until) {
    RefreshBehind(*entry);
    return AnswerEntry(entry, ResultType::kHit, true), true;
  }
  stale = entry;
  return false;
}

FetchPlan Viewer::PlanFetch(EntryPtr stale) const {
  FetchPlan plan;
  plan.sites = sites_;
  plan.site = &site_;
  plan.behavior = behavior_;
  plan.viewer_tls = exchange_->peer().tls;
  plan.key = key_;
  plan.encodings = encodings_;
  plan.stale = std::move(stale);
  plan.may_store = may_cache_;
  return plan;
}

void Viewer::FetchShared(EntryPtr stale) {
  FlightPtr flight;
  EntryPtr arrived;
  EdgeCore& core = worker_.core();
  rank_ = Rank::kWaiter;
  core.flights.With(key_.hash(), [&](FlightPtr& slot) {
    if (slot && slot->key().bytes() == key_.bytes() && !slot->IsOvertaken()) return void(flight = slot);
    // The flight that was not there any more may have landed since the cache was asked.
    arrived = core.cache.Find(key_.hash(), key_.bytes());
    if (arrived && arrived->IsFresh(worker_.reactor().now()) && !IsInvalidated(*arrived, site_.state->log)) return;
    arrived.reset();
    FetchPlan plan = PlanFetch(std::move(stale));
    plan.is_shared = true;
    slot = flight = std::make_shared<Flight>(core.shared_from_this(), worker_, std::move(plan));
    rank_ = Rank::kLeader;
  });
  if (arrived) return Serve();
  if (rank_ == Rank::kLeader) return Launch(flight, false);
  branch_ = flight->BranchOn(worker_);
  branch_->Join(shared_from_this(), rank_);
}

void Viewer::FetchAlone(EntryPtr stale, Wants wants) {
  rank_ = Rank::kLeader;
  FetchPlan plan = PlanFetch(std::move(stale));
  // A part, or a head without a body, is of use to its viewer only: ask for just that, and keep nothing.
  const bool wants_less =
      wants == Wants::kJustThis && status_override_ == 0 && (!facets_.range.empty() || facets_.is_head);
  const bool with_conditions = !plan.may_store || wants_less;
  if (wants_less) plan.may_store = false;
  Launch(std::make_shared<Flight>(worker_.core().shared_from_this(), worker_, std::move(plan)), with_conditions);
}

// On the owner's thread: joins first, so that no event is missed, then asks the origin.
void Viewer::Launch(const FlightPtr& flight, bool with_conditions) {
  const auto self = shared_from_this();
  origin_decides_ = with_conditions;
  net::ClientRequest request = OriginRequest(flight->plan(), *behavior_->origin, with_conditions);
  const net::RequestHead& head = exchange_->request();
  const bool has_body = head.has_body && status_override_ == 0;
  if (has_body) {
    request.streams_body = true;
    request.content_length = head.content_length;
  }
  branch_ = flight->BranchOn(worker_);
  branch_->Join(self, rank_);
  Begin(flight, std::move(request), with_conditions);
  if (has_body) PipeBody(flight);
}

// The second origin's request is made now too: later nobody remembers what the viewer asked.
void Viewer::Begin(const FlightPtr& flight, net::ClientRequest request, bool with_conditions) const {
  std::optional<net::ClientRequest> fallback;
  if (behavior_->fallback != nullptr && is_repeatable_) {
    fallback = OriginRequest(flight->plan(), *behavior_->fallback, with_conditions);
  }
  flight->Begin(std::move(request), std::move(fallback));
}

// The viewer has its answer; the next one shall have a newer.
void Viewer::RefreshBehind(const CacheEntry& entry) {
  if (entry.refreshing.exchange(true)) return;
  EdgeCore& core = worker_.core();
  const HotPinPtr* pin = worker_.Find(key_, site_);
  if (pin == nullptr) return;
  FetchPlan plan = PlanFetch((*pin)->entry);
  plan.keeps_going = true;
  plan.is_shared = behavior_->collapses;
  FlightPtr flight;
  if (plan.is_shared) {
    core.flights.With(key_.hash(), [&](FlightPtr& slot) {
      if (slot && !slot->IsOvertaken()) return;
      slot = flight = std::make_shared<Flight>(core.shared_from_this(), worker_, std::move(plan));
    });
  } else {
    flight = std::make_shared<Flight>(core.shared_from_this(), worker_, std::move(plan));
  }
  if (flight) Begin(flight, OriginRequest(flight->plan(), *behavior_->origin, false), false);
}

std::string_view Viewer::OriginMethod(bool with_conditions) const {
  if (status_override_ != 0) return "GET";
  // A HEAD that may fill the cache asks for the whole object: HEAD and GET share an entry.
  if (facets_.is_head && !with_conditions) return "GET";
  return exchange_->request().method;
}

net::ClientRequest Viewer::OriginRequest(const FetchPlan& plan, const OriginConfig& origin,
                                         bool with_conditions) const {
  const bool revalidates = plan.stale && plan.stale->head &&
                           !(plan.stale->head->origin_etag.empty() && plan.stale->head->last_modified.empty());
  return BuildOriginRequest({.viewer = &exchange_->request(),
                             .peer = &exchange_->peer(),
                             .site = &site_,
                             .behavior = behavior_,
                             .origin = &origin,
                             .method = OriginMethod(with_conditions),
                             .path = path_,
                             .query = query_,
                             .has_query = has_query_,
                             .geo = worker_.core().options.geo.get(),
                             .encodings = encodings_,
                             .with_conditions = with_conditions,
                             .revalidates = revalidates ? plan.stale.get() : nullptr,
                             .request_id = id_.text()});
}

void Viewer::PipeBody(const FlightPtr& flight) {
  std::weak_ptr<Viewer> weak = weak_from_this();
  exchange_->ReadBody({
      .on_data =
          [weak, flight](std::string_view bytes) {
            net::ClientCall* call = flight->call();
            const auto viewer = weak.lock();
            if (call == nullptr || !viewer) return;
            viewer->uploaded_ += bytes.size();
            call->WriteBody(net::Slice::Copy(bytes));
            if (call->body_buffered() <= net::kStreamBufferMax) return;
            viewer->exchange_->PauseBody();
            call->OnBodyDrained([weak] {
              if (const auto paused = weak.lock()) paused->exchange_->ResumeBody();
            });
          },
      .on_end =
          [flight] {
            if (flight->call() != nullptr) flight->call()->FinishBody();
          },
      .on_error =
          [weak](Error) {
            if (const auto viewer = weak.lock()) viewer->OnGone();
          },
  });
}

// --- what a flight tells

bool Viewer::IsOvertaken() const {
  const InvalidationLog& log = site_.state->log;
  const uint64_t fetched = branch_->epoch()->start;
  return is_repeatable_ && log.latest() != fetched && log.IsStale(key_.target(), fetched);
}

void Viewer::OnHead(const ResponseHeadPtr& head, bool kept) {
  const auto self = shared_from_this();
  if (IsOvertaken()) return Restart();
  RememberTiming();
  if (HasPage(head->status)) {
    Leave(AfterLeaving::kFinishFill);
    return ServeErrorPage(head->status);
  }
  result_ = ResultFor(head->status);
  const bool edge_decides = status_override_ == 0 && !origin_decides_;
  const FormChoice choice = edge_decides ? ChooseForm(*head, head->content_length, facets_) : FormChoice{};
  if (choice.form == Form::kNotModified || facets_.is_head) {
    Leave(AfterLeaving::kFinishFill);
    return AnswerHeadOnly(*head, choice.form == Form::kNotModified);
  }
  if (choice.form == Form::kUnsatisfiable) {
    Leave(AfterLeaving::kFinishFill);
    worker_.answers().Unsatisfiable(ContextFor(ResultType::kError), *head->content_length);
    return Done(ResultType::kError, 416);
  }
  const bool wants_part = choice.form == Form::kPart || choice.form == Form::kParts;
  if (wants_part && !kept) {
    // The origin sends more than was asked for and than fits the cache: ask it for the part alone.
    Leave(AfterLeaving::kMayCancel);
    return FetchAlone(nullptr, Wants::kJustThis);
  }
  if (choice.form == Form::kParts) return void(waits_for_entry_ = true);
  std::optional<ByteRange> part;
  if (choice.form == Form::kPart) {
    part = choice.ranges.front();
    skip_ = part->first;
    left_ = part->size();
  }
  started_ = true;
  const bool overrides = status_override_ != 0 && head->status == 200;
  status_ = part ? 206 : overrides ? status_override_ : head->status;
  worker_.answers().Start(ContextFor(result_), *head, part);
  head_ = head;
  sent_ = worker_.answers().sent();
  first_byte_ = worker_.reactor().monotonic();
}

// Who waited for another's request was served from the cache, as far as it is concerned.
void Viewer::RememberTiming() {
  const OriginTiming* timing = branch_ ? branch_->timing() : nullptr;
  if (timing != nullptr && rank_ == Rank::kLeader) timing_ = *timing;
}

void Viewer::OnData(const net::Slice& slice) {
  if (!started_ || done_) return;
  std::string_view bytes = slice.bytes;
  const size_t skipped = static_cast<size_t>(std::min<uint64_t>(skip_, bytes.size()));
  skip_ -= skipped;
  bytes.remove_prefix(skipped);
  if (left_) {
    bytes = bytes.substr(0, static_cast<size_t>(std::min<uint64_t>(*left_, bytes.size())));
    *left_ -= bytes.size();
  }
  if (!bytes.empty()) pending_.push_back({slice.owner, bytes});
  if (left_ && *left_ == 0) {
    Leave(AfterLeaving::kFinishFill);
    ended_ = true;
  }
  Flush();
}

void Viewer::OnEnd(const EntryPtr& entry) {
  branch_.reset();
  if (waits_for_entry_) {
    waits_for_entry_ = false;
    if (!entry || IsInvalidated(*entry, site_.state->log)) return Serve();
    return AnswerEntry(entry, result_, false);
  }
  ended_ = true;
  Flush();
}

void Viewer::OnBroken() {
  branch_.reset();
  if (started_) {
    // After the connection's turn, so that what has come leaves before the break shows.
    worker_.reactor().Defer([exchange = exchange_] { exchange->Abort(); });
    return Done(ResultType::kError, status_, "OriginReadError");
  }
  worker_.answers().Error(ContextFor(ResultType::kError), 502, OriginFailureReason(502));
  Done(ResultType::kError, 502, "OriginError");
}

void Viewer::OnEntry(const EntryPtr& entry, Outcome outcome) {
  RememberTiming();
  branch_.reset();
  if (is_repeatable_ && IsInvalidated(*entry, site_.state->log)) return Restart();
  if (HasPage(entry->status)) return ServeErrorPage(entry->status);
  ResultType result = rank_ == Rank::kLeader ? ResultType::kMiss : ResultType::kHit;
  if (outcome == Outcome::kStoodIn) result = ResultType::kHit;
  if (outcome == Outcome::kRevalidated && rank_ == Rank::kLeader) result = ResultType::kRefreshHit;
  AnswerEntry(entry, result, outcome == Outcome::kStoodIn);
}

void Viewer::OnAlone() {
  branch_.reset();
  FetchAlone(nullptr, Wants::kJustThis);
}

// --- the answer

AnswerWriter::Context Viewer::ContextFor(ResultType result) const {
  return {.exchange = *exchange_,
          .facets = facets_,
          .id = id_,
          .result = result,
          .status_override = status_override_,
          .site_via = site_.via,
          .policy = behavior_->config->response.get(),
          .timing = timing_ ? &*timing_ : nullptr,
          .waited = worker_.reactor().monotonic() - began_};
}

ResultType Viewer::ResultFor(int status) const {
  if (status >= 400 || status_override_ != 0) return ResultType::kError;
  return rank_ == Rank::kLeader ? ResultType::kMiss : ResultType::kHit;
}

void Viewer::AnswerEntry(const EntryPtr& entry, ResultType result, bool tell_age) {
  if (entry->status >= 400 || status_override_ != 0) result = ResultType::kError;
  std::optional<Duration> age;
  if (tell_age) age = worker_.reactor().now() - entry->stored_at;
  std::string_view detail;
  if (entry->kind != EntryKind::kResponse) detail = entry->status == 504 ? "OriginCommError" : "OriginError";
  Done(result, worker_.answers().Entry(ContextFor(result), *entry, entry, age), detail);
}

void Viewer::AnswerHeadOnly(const ResponseHead& head, bool not_modified) {
  worker_.answers().HeadOnly(ContextFor(result_), head, not_modified);
  Done(result_, not_modified ? 304 : head.status);
}

void Viewer::ServeErrorPage(int status) {
  const CustomError& error = *site_.FindErrorPage(status);
  status_override_ = error.response_status != 0 ? error.response_status : status;
  path_ = error.response_page_path;
  behavior_ = site_.Match(path_);
  query_.clear();
  has_query_ = false;
  facets_.range = facets_.if_range = facets_.if_none_match = facets_.if_modified_since = {};
  may_cache_ = behavior_->Caches("GET");
  const net::RequestHead& request = exchange_->request();
  KeyParts parts;
  parts.site_number = site_.state->number;
  parts.path = path_;
  parts.encodings = encodings_;
  parts.headers = request.headers;
  parts.authority = request.authority;
  parts.facts = {&request, &exchange_->peer(), worker_.core().options.geo.get()};
  key_.Compose(parts, behavior_->config->cache);
  asked_disk_ = false;
  if (behavior_->origin != nullptr) {
    Serve();
  } else {
    worker_.answers().Error(ContextFor(ResultType::kError), 502, OriginFailureReason(502));
    Done(ResultType::kError, 502);
  }
}

void Viewer::Flush() {
  while (!pending_.empty() && exchange_->buffered() < net::kStreamBufferMax) {
    exchange_->Write(std::move(pending_.front()));
    pending_.pop_front();
    if (done_) return;  // the write found the client gone
  }
  if (!pending_.empty()) {
    return exchange_->OnDrained([weak = weak_from_this()] {
      if (const auto viewer = weak.lock()) viewer->Flush();
    });
  }
  if (!ended_ || done_) return;
  exchange_->Finish();
  Done(result_, status_);
}

void Viewer::Leave(AfterLeaving after) {
  const std::shared_ptr<FlightBranch> branch = std::exchange(branch_, nullptr);
  if (branch) branch->Leave(this, after);
}

void Viewer::Restart() {
  Leave(AfterLeaving::kMayCancel);
  Serve();
}

void Viewer::OnGone() {
  const auto self = shared_from_this();
  if (done_) return;
  Leave(AfterLeaving::kMayCancel);
  if (!exchange_->gone()) exchange_->Abort();
  if (started_) return Done(ResultType::kError, status_, "ClientCommError");
  Done(ResultType::kError, 0, "ClientHungUpRequest");
}

void Viewer::Done(ResultType result, int status, std::string_view detail) {
  if (std::exchange(done_, true)) return;
  const auto self = shared_from_this();
  Leave(AfterLeaving::kFinishFill);
  pending_.clear();
  worker_.CountResult(result);
  // An answer that was given whole had its head just now; of one that nobody got there is nothing to tell.
  const SentHead sent = started_ ? sent_ : status != 0 ? worker_.answers().sent() : SentHead{};
  worker_.Record(*exchange_, &site_, id_,
                 {.result = result,
                  .status = status,
                  .request_bytes = facets_.bytes,
                  .body_bytes = uploaded_,
                  .sent = sent,
                  .began = began_,
                  .first_byte = started_ ? first_byte_ : worker_.reactor().monotonic(),
                  .detail = detail});
  worker_.Release(self);
}

}  // namespace meetinity::edge
