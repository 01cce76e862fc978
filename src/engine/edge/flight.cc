#include "engine/edge/flight.h"

#include <cstring>
#include <utility>

#include "engine/edge/core.h"
#include "engine/edge/worker.h"

namespace meetinity::edge {
namespace {

// Bytes read from the origin, and not yet taken by any viewer's connection, of a body that is not kept.
constexpr size_t kPassBufferHigh = 256 * 1024;
constexpr size_t kPassBufferLow = 64 * 1024;

// What may still be missing of a body when its last viewer leaves and the fetch is finished for the next one's sake.
constexpr uint64_t kWorthFinishing = 1024 * 1024;

// For how long an answer that could not be kept tells the next requests not to wait for each other.
constexpr Duration kPassMarkerTtl = std::chrono::seconds(60);

// Bodies on their way into the cache may take this part of its capacity besides it.
constexpr size_t kFillShare = 2;

bool IsRepeatable(const net::ClientRequest& request) {
  return !request.streams_body && (request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS");
}

int StatusOf(const Error& error) {
  if (error.name == net::kResponseTimeout) return 504;
  return error.name == net::kClientBusy ? 503 : 502;
}

}  // namespace

// Counts what has been passed on and is not gone yet. The last viewer to take a chunk frees it, which is how the
// slowest one sets the pace without anybody keeping a list of speeds.
struct Flight::Meter {
  explicit Meter(std::weak_ptr<Flight> of, net::Reactor& on) : flight(std::move(of)), reactor(on) {}

  struct Chunk {
    Chunk(std::string_view taken, std::shared_ptr<Meter> by) : bytes(taken), meter(std::move(by)) {
      meter->outstanding.fetch_add(bytes.size());
    }
    ~Chunk() { meter->Release(bytes.size()); }
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;
    const std::string bytes;
    const std::shared_ptr<Meter> meter;
  };

  void Release(size_t bytes) {
    if (outstanding.fetch_sub(bytes) - bytes <= kPassBufferLow && paused.exchange(false)) {
      reactor.Post([weak = flight] {
        const std::shared_ptr<Flight> resumed = weak.lock();
        if (resumed && resumed->call_) resumed->call_->Resume();
      });
    }
  }

  std::atomic<size_t> outstanding{0};
  std::atomic<bool> paused{false};
  const std::weak_ptr<Flight> flight;
  net::Reactor& reactor;
};

Flight::Flight(std::shared_ptr<EdgeCore> core, Worker& owner, FetchPlan plan)
    : core_(std::move(core)),
      owner_(owner),
      reactor_(owner.reactor()),
      plan_(std::move(plan)),
      epoch_(plan_.site->state->log.CurrentEpoch()),
      local_(core_->reactors.size()),
      in_table_(plan_.is_shared) {}

Flight::~Flight() {
  if (reserved_ > 0) core_->filling_bytes.fetch_sub(reserved_);
}

bool Flight::IsOvertaken() const {
  const InvalidationLog& log = plan_.site->state->log;
  return log.latest() != epoch_->start && log.IsStale(plan_.key.target(), epoch_->start);
}

// --- followers

std::shared_ptr<FlightBranch> Flight::BranchOn(Worker& worker) {
  std::shared_ptr<FlightBranch>& branch = local_[worker.index()];
  if (!branch) {
    branch = std::make_shared<FlightBranch>(shared_from_this());
    if (reactor_.OnThisThread()) {
      active_.push_back({&reactor_, branch});
    } else {
      reactor_.Post([self = shared_from_this(), &reactor = worker.reactor(), opened = branch] {
        self->Activate(reactor, opened);
      });
    }
  }
  return branch;
}

void Flight::Activate(net::Reactor& reactor, std::shared_ptr<FlightBranch> branch) {
  if (local_.empty()) return;  // abandoned
  reactor.Post([branch, missed = local_[owner_.index()]->progress()] { branch->CatchUp(missed); });
  active_.push_back({&reactor, std::move(branch)});
}

void Flight::ChangeInterest(int by, AfterLeaving after) {
  interest_ += by;
  if (after == AfterLeaving::kFinishFill) plan_.keeps_going = true;
  if (interest_ > 0 || finished_ || by > 0) return;
  if (plan_.keeps_going && (head_ == nullptr || keeping_)) return;
  if (keeping_ && head_->content_length && *head_->content_length - received_ <= kWorthFinishing) return;
  GiveUp();
}

void Flight::GiveUp() {
  if (call_) call_->Cancel();
  LeaveTable();
  Tell([](FlightBranch& branch) { branch.Alone(); });
  Finish();
}

void Flight::Abandon() {
  for (const auto& branch : local_) {
    if (branch) branch->Abandon();
  }
  local_.clear();
  active_.clear();
  call_.reset();
}

// Events reach every branch in order: at once here, by message elsewhere.
template <class Event>
void Flight::Tell(Event event) {
  for (size_t i = 0; i < active_.size(); ++i) {
    const ActiveBranch to = active_[i];
    if (to.reactor == &reactor_) {
      event(*to.branch);
    } else {
      to.reactor->Post([branch = to.branch, event] { event(*branch); });
    }
  }
}

// --- the request

void Flight::Begin(net::ClientRequest request, std::optional<net::ClientRequest> fallback) {
  BranchOn(owner_);  // the owner's branch keeps the record, whether or not anybody is on it
  request_ = std::move(request);
  fallback_ = std::move(fallback);
  origin_ = plan_.behavior->origin;
  Send();
}

void Flight::Send() {
  ++attempt_;
  owner_.CountOriginFetch();
  const auto self = shared_from_this();
  net::ResponseReader reader{
      .on_head = [self](const net::ResponseHeadView& view) { self->OnHead(view); },
      .on_data = [self](std::string_view bytes) { self->OnData(bytes); },
      .on_end = [self] { self->OnEnd(); },
      .on_error = [self](Error error) { self->OnError(error); },
  };
  // A streamed body is for one attempt anyway; everything else may be asked for again.
  net::ClientRequest request = IsRepeatable(request_) ? request_ : std::move(request_);
  if (request.streams_body) request_.streams_body = true;
  const int attempt = attempt_;
  sent_ = reactor_.monotonic();
  const net::Endpoint& endpoint =
      plan_.viewer_tls && origin_->tls_endpoint ? *origin_->tls_endpoint : origin_->endpoint;
  auto call = owner_.client().Send(endpoint, std::move(request), std::move(reader));
  if (!finished_ && attempt == attempt_) call_ = std::move(call);
}

bool Flight::FailOver() {
  if (!fallback_) return false;
  if (call_) std::exchange(call_, nullptr)->Cancel();
  request_ = std::move(*fallback_);
  fallback_.reset();
  origin_ = plan_.behavior->fallback;
  attempt_ = 0;
  Send();
  return true;
}

void Flight::OnError(const Error& error) {
  if (finished_) return;
  call_.reset();
  if (head_ != nullptr && !coding_) {  // viewers have the beginning already
    LeaveTable();
    Tell([](FlightBranch& branch) { branch.Broken(); });
    return Finish();
  }
  const bool may_pass = error.name == net::kConnectFailed || error.name == net::kResponseTimeout;
  if (head_ == nullptr && may_pass && IsRepeatable(request_) && attempt_ < origin_->connection_attempts) {
    return Send();
  }
  if (head_ == nullptr && FailOver()) return;
  const int status = StatusOf(error);
  if (MayStandIn()) return StandIn(status);
  Fail(status);
}

// --- the answer

void Flight::OnHead(const net::ResponseHeadView& view) {
  if (finished_) return;
  const SiteBehavior& behavior = *plan_.behavior;
  owner_.CountOriginAnswer(*plan_.site, reactor_.monotonic() - sent_);
  if (fallback_ && behavior.failover_statuses->contains(view.status) && FailOver()) return;
  fallback_.reset();
  if (behavior.tells_timing()) {
    Tell([timing = OriginTiming{view.connect_time, view.wait_time}](FlightBranch& branch) { branch.Timed(timing); });
  }
  const std::string via = "1.1 " + plan_.site->via;
  const OriginAnswer answer = ReadAnswer(view, {.policy = &behavior.config->cache,
                                                .origin_request = behavior.origin_request(),
                                                .via = via,
                                                .pop = core_->options.pop});
  if (plan_.stale && view.status == 304) return FinishRefreshed(*answer.head);
  if (IsOriginFailure(view.status) && MayStandIn()) {
    if (call_) call_->Cancel();
    return StandIn(view.status);
  }
  head_ = answer.head;
  if (plan_.may_store) {
    lifetime_ = JudgeLifetime(answer.traits, behavior.config->cache, plan_.site->ErrorCachingMinTtl(view.status),
                              reactor_.now());
    if (lifetime_.storable) BeginKeeping(answer);
  }
  if (!keeping_ || lifetime_.ttl <= Duration::zero()) StayAlone();
  if (!keeping_ && interest_ == 0 && !finished_) GiveUp();
  if (finished_ || coding_) return;
  Tell([head = head_, kept = keeping_](FlightBranch& branch) { branch.Head(head, kept); });
}

void Flight::BeginKeeping(const OriginAnswer& answer) {
  const std::optional<uint64_t> size = answer.head->content_length;
  if (size && *size > core_->options.largest_cached_object.value) return;
  if (!Reserve(size.value_or(0))) return;
  keeping_ = true;
  if (!size) return;
  buffer_size_ = *size;
  BodyStore::Room room = core_->bodies.Allocate(buffer_size_);
  buffer_ = std::move(room.bytes);
  buffer_file_ = room.file;
  coding_ = ChooseCoding(answer, plan_.behavior->config->cache, lifetime_.ttl, plan_.encodings);
}

// The answer is for one viewer: the others ask for themselves, and those to come are told not to queue up.
void Flight::StayAlone() {
  if (!plan_.is_shared) return;
  if (!keeping_ && !IsOvertaken()) {
    const auto marker = NewEntry(EntryKind::kPassMarker, head_->status);
    marker->fresh_until = marker->revalidate_until = reactor_.now() + kPassMarkerTtl;
    core_->cache.Insert(marker);
  }
  LeaveTable();
  Tell([](FlightBranch& branch) { branch.AloneButLeader(); });
}

void Flight::OnData(std::string_view bytes) {
  if (finished_ || head_ == nullptr) return;
  if (keeping_) {
    Keep(bytes);
  } else {
    PassOn(bytes);
  }
  received_ += bytes.size();
}

void Flight::Keep(std::string_view bytes) {
  net::Slice slice;
  if (buffer_) {
    const size_t room = std::min(bytes.size(), buffer_size_ - received_);
    std::memcpy(buffer_.get() + received_, bytes.data(), room);
    slice = {buffer_, {buffer_.get() + received_, room}};
    if (coding_) return;
  } else {
    const bool fits = received_ + bytes.size() <= core_->options.largest_cached_object.value && Reserve(bytes.size());
    if (!fits) {
      StopKeeping();
      return PassOn(bytes);
    }
    slice = net::Slice::Copy(bytes);
    chunks_.push_back(slice);
  }
  Tell([slice](FlightBranch& branch) { branch.Data(slice); });
}

void Flight::StopKeeping() {
  keeping_ = false;
  chunks_.clear();
  LeaveTable();
  Tell([](FlightBranch& branch) { branch.StopKeeping(); });
}

void Flight::PassOn(std::string_view bytes) {
  if (!meter_) meter_ = std::make_shared<Meter>(weak_from_this(), reactor_);
  {
    auto chunk = std::make_shared<Meter::Chunk>(bytes, meter_);
    const std::string_view view = chunk->bytes;
    const net::Slice slice{std::move(chunk), view};
    Tell([slice](FlightBranch& branch) { branch.Data(slice); });
  }
  if (finished_ || !call_ || meter_->outstanding <= kPassBufferHigh) return;
  call_->Pause();
  meter_->paused = true;
  // What was taken before the mark was set has woken nobody.
  if (meter_->outstanding <= kPassBufferLow && meter_->paused.exchange(false)) call_->Resume();
}

void Flight::OnEnd() {
  if (finished_ || head_ == nullptr) return;
  call_.reset();
  if (!keeping_) {
    LeaveTable();
    Tell([](FlightBranch& branch) { branch.End(nullptr); });
    return Finish();
  }
  if (!coding_) return FinishKept();
  const bool accepted = core_->pool.TryRun([self = shared_from_this(), buffer = buffer_, size = buffer_size_] {
    auto packed = std::make_shared<Result<std::string>>(Compress(*self->coding_, {buffer.get(), size}));
    self->reactor_.Post([self, packed] { self->FinishCompressed(*packed); });
  });
  // Every compressing thread is busy: like CloudFront under load, keep and serve this one as it came.
  if (!accepted) FinishCompressed(Internal("the worker pool is full"));
}

// --- how it ends

void Flight::FinishKept() {
  const auto entry = NewEntry(EntryKind::kResponse, head_->status);
  entry->head = head_;
  if (buffer_) {
    entry->body = {buffer_, {buffer_.get(), buffer_size_}, buffer_file_};
  } else {
    std::string whole;
    whole.reserve(received_);
    for (const net::Slice& chunk : chunks_) whole += chunk.bytes;
    entry->body = net::Slice::Own(std::move(whole));
  }
  SetLifetime(*entry);
  Store(entry);
  LeaveTable();
  Tell([entry](FlightBranch& branch) { branch.End(entry); });
  Finish();
}

void Flight::FinishCompressed(const Result<std::string>& packed) {
  if (finished_) return;
  const auto entry = NewEntry(EntryKind::kResponse, head_->status);
  if (packed.ok() && packed->size() < buffer_size_) {
    entry->head = WithEncoding(*head_, ToToken(*coding_));
    entry->body = net::Slice::Copy(*packed);  // to size: the compressor's buffer is larger than the result
  } else {
    entry->head = head_;
    entry->body = {buffer_, {buffer_.get(), buffer_size_}, buffer_file_};
  }
  SetLifetime(*entry);
  Store(entry);
  LeaveTable();
  Tell([entry](FlightBranch& branch) { branch.Entry(entry, Outcome::kFetched); });
  Finish();
}

void Flight::FinishRefreshed(const ResponseHead& not_modified) {
  const auto entry = CopyForUpdate(*plan_.stale);
  entry->head = Refreshed(*plan_.stale->head, not_modified);
  entry->epoch = epoch_;
  lifetime_ = JudgeLifetime(TraitsOf(*entry->head), plan_.behavior->config->cache,
                            plan_.site->ErrorCachingMinTtl(entry->status), reactor_.now());
  SetLifetime(*entry);
  if (lifetime_.storable) Store(entry);
  LeaveTable();
  Tell([entry](FlightBranch& branch) { branch.Entry(entry, Outcome::kRevalidated); });
  Finish();
}

bool Flight::MayStandIn() const { return plan_.stale && plan_.stale->MayStandIn(reactor_.now()); }

// The stale copy serves until the error's time is over; then the origin is tried again.
void Flight::StandIn(int failure_status) {
  const auto entry = CopyForUpdate(*plan_.stale);
  entry->fresh_until = reactor_.now() + plan_.site->ErrorCachingMinTtl(failure_status);
  Store(entry);
  LeaveTable();
  Tell([entry](FlightBranch& branch) { branch.Entry(entry, Outcome::kStoodIn); });
  Finish();
}

void Flight::Fail(int status) {
  const auto entry = NewEntry(EntryKind::kOriginFailure, status);
  entry->fresh_until = entry->revalidate_until = reactor_.now() + plan_.site->ErrorCachingMinTtl(status);
  // A full queue is the edge's own state of the moment, and no news of the origin.
  if (plan_.may_store && status != 503 && entry->IsFresh(reactor_.now())) Store(entry);
  LeaveTable();
  Tell([entry](FlightBranch& branch) { branch.Entry(entry, Outcome::kFetched); });
  Finish();
}

bool Flight::Reserve(size_t bytes) {
  const size_t before = core_->filling_bytes.fetch_add(bytes);
  if (before + bytes > core_->options.cache_capacity.value / kFillShare) {
    core_->filling_bytes.fetch_sub(bytes);
    return false;
  }
  reserved_ += bytes;
  return true;
}

std::shared_ptr<CacheEntry> Flight::NewEntry(EntryKind kind, int status) const {
  auto entry = std::make_shared<CacheEntry>();
  entry->kind = kind;
  entry->key = plan_.key.bytes();
  entry->hash = plan_.key.hash();
  entry->target_at = CacheKey::kTargetAt;
  entry->target_size = static_cast<uint32_t>(plan_.key.target().size());
  entry->status = status;
  entry->epoch = epoch_;
  entry->stored_at = reactor_.now();
  return entry;
}

void Flight::SetLifetime(CacheEntry& entry) const {
  const Instant now = reactor_.now();
  entry.stored_at = now;
  entry.fresh_until = now + lifetime_.ttl;
  entry.revalidate_until = entry.fresh_until + lifetime_.stale_while_revalidate;
  entry.stand_in_until.reset();
  if (lifetime_.stale_if_error) entry.stand_in_until = entry.fresh_until + *lifetime_.stale_if_error;
}

// What an invalidation has overtaken need not enter: nobody could be served from it.
void Flight::Store(const EntryPtr& entry) {
  if (IsOvertaken()) return;
  core_->cache.Insert(entry);
  // What the disk has under this key is the past; with the body of a 304 it is still good to have after a restart.
  if (core_->disk && !entry->segment) core_->disk->Forget(entry->hash);
}

// After the cache has the answer, never before: a request between the two would fetch again.
void Flight::LeaveTable() {
  if (!in_table_) return;
  in_table_ = false;
  core_->flights.Remove(plan_.key.hash(), this);
}

void Flight::Finish() {
  finished_ = true;
  call_.reset();
  chunks_.clear();
  request_ = {};
  fallback_.reset();
  core_->filling_bytes.fetch_sub(std::exchange(reserved_, 0));
  owner_.SweepIfWanted();
}

}  // namespace meetinity::edge
