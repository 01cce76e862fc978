#include "engine/balancer/worker.h"

#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "engine/balancer/desync.h"
#include "engine/balancer/flow.h"
#include "engine/balancer/own_answer.h"
#include "engine/balancer/passage.h"
#include "engine/balancer/udp_port.h"

namespace meetinity::balancer {
namespace {

// How often it is looked whether a deregistration delay is over: wall-clock time may jump, so no timer is armed for it.
constexpr Duration kTickInterval = std::chrono::seconds(1);

// ALB user guide, "Quotas": response headers above this are answered with 502.
constexpr size_t kResponseHeadMax = 32 * 1'024;

// As many as a busy target is worth; what comes beyond waits for one of them.
constexpr size_t kConnectionsPerTarget = 4'096;

uint64_t RandomSeed() {
  uint64_t seed = 0;
  for (const char c : RandomBytes(sizeof seed)) seed = seed << 8 | static_cast<unsigned char>(c);
  return seed;
}

}  // namespace

Worker::Worker(BalancerCore& core, net::Reactor& reactor, size_t index)
    : core_(core),
      reactor_(reactor),
      index_(index),
      chooser_(RandomSeed()),
      checker_(reactor,
               [this](const ReceiverPtr& receiver, const TargetHealth& health) { OnHealthChanged(receiver, health); }) {
}

Worker::~Worker() = default;

net::HttpClient& Worker::client() {
  if (!client_) {
    net::ClientLimits limits;
    limits.connections_per_endpoint = kConnectionsPerTarget;
    limits.idle_per_endpoint = kConnectionsPerTarget;
    limits.response_head_bytes = kResponseHeadMax;
    client_ = net::HttpClient::Create(reactor_, limits);
  }
  return *client_;
}

void Worker::Adopt(SnapshotPtr snapshot) {
  if (snapshot_ && snapshot_->number() > snapshot->number()) return;
  snapshot_ = std::move(snapshot);
  checker_.Adopt(snapshot_, index_, core_.reactors.size());
  if (!tick_.armed()) Tick();
}

bool Worker::Admits(size_t slot, std::string_view address) {
  const ListenerView* listener = snapshot_ ? snapshot_->listener(slot) : nullptr;
  return listener == nullptr || listener->Admits(address);
}

void Worker::OnRequest(size_t slot, std::string_view zone, AcceptedBy accepted_by, const net::ExchangePtr& exchange) {
  const ListenerView* listener = snapshot_ ? snapshot_->listener(slot) : nullptr;
  if (listener == nullptr) {
    OwnAnswer answer = ErrorAnswer(503);
    exchange->CloseAfterAnswer();
    return exchange->Respond(answer.status, answer.headers, net::Slice::Own(std::move(answer.body)));
  }
  // Where the connection was accepted here, it was asked then; a rule that came later is for later connections.
  if (accepted_by == AcceptedBy::kAnotherServer && !listener->Admits(exchange->peer().address)) {
    return exchange->Abort();
  }
  const auto passage = std::make_shared<Passage>(*this, snapshot_, *listener, zone, exchange);
  passages_.insert(passage);
  passage->Begin();
}

std::optional<net::RefusalAnswer> Worker::OnRefused(size_t slot, const net::RefusedRequest& refused) {
  using net::Http1Refusal;
  int status = refused.status;
  if (status == 431 || status == 417) status = 400;
  if (refused.why == Http1Refusal::kMethodTooLong) status = 400;
  OwnAnswer answer = ErrorAnswer(status);
  const ListenerView* listener = snapshot_ ? snapshot_->listener(slot) : nullptr;
  if (listener != nullptr) {
    BalancerTallies& counts = tallies(*listener);
    const Classification classification = Classify(refused.why);
    counts.requests.Add();
    counts.CountOwn(status);
    if (classification.tier != DesyncTier::kCompliant) counts.non_compliant.Add();
    if (listener->balancer->logs_access) {
      AccessRecord record;
      const bool is_https = listener->config->protocol == ListenerProtocol::kHttps;
      record.type = refused.version == net::HttpVersion::kHttp2 ? "h2" : is_https ? "https" : "http";
      record.time = record.created = refused.now;
      record.load_balancer_id = listener->balancer->id;
      record.load_balancer_name = listener->balancer->name;
      record.listener_id = listener->config->id;
      record.client_address = refused.peer.address;
      record.client_port = refused.peer.port;
      record.status = status;
      record.classification = ToLogWord(classification.tier);
      record.classification_reason = classification.reason;
      core_.observer.OnRequest(record);
    }
  }
  net::RefusalAnswer said;
  said.status = answer.status;
  said.headers = std::move(answer.headers);
  said.body = std::move(answer.body);
  return said;
}

void Worker::OnConnection(size_t slot, std::string_view zone, net::Socket socket, const net::SocketAddress& peer) {
  const ListenerView* listener = snapshot_ ? snapshot_->listener(slot) : nullptr;
  if (listener == nullptr) return;
  if (!listener->Admits(peer.address())) return tallies(*listener).flows_rejected.Add();
  net::DisableNagle(socket);
  const auto flow = std::make_shared<Flow>(*this, snapshot_, *listener, slot, zone, std::move(socket), peer);
  flows_.insert(flow);
  flow->Begin();
}

void Worker::OnHealthChanged(const ReceiverPtr& receiver, const TargetHealth& health) {
  core_.observer.OnHealthChanged(receiver->group_id(), receiver->target_id(), health);
  if (health.state != TargetState::kUnhealthy || !snapshot_) return;
  const GroupView* group = snapshot_->FindGroup(receiver->group_id());
  if (group == nullptr || !group->is_network || !group->config->terminates_connections_when_unhealthy) return;
  for (const auto& worker : core_.workers) {
    worker->reactor().Post([other = worker.get(), receiver] { other->TerminateFlows(receiver.get()); });
  }
}

void Worker::TerminateFlows(const Receiver* receiver) {
  const auto flows = flows_;  // a copy: those that end leave the original
  for (const auto& flow : flows) {
    if (flow->receiver() == receiver) flow->BreakOff("unhealthy");
  }
  for (UdpPort* port : udp_ports_) port->Terminate(receiver);
}

void Worker::Leave(Receiver& receiver) const {
  const bool was_last = receiver.under_way.fetch_sub(1, std::memory_order_acq_rel) == 1;
  if (was_last && receiver.state() == TargetState::kDraining && core_.on_drained) core_.on_drained();
}

// What a draining target still has when its time is over is broken off: requests always, flows where the group wants
// it.
void Worker::Tick() {
  tick_ = reactor_.StartTimer(kTickInterval, [this] { Tick(); });
  if (!snapshot_ || (passages_.empty() && flows_.empty() && udp_ports_.empty())) return;
  std::unordered_map<const Receiver*, const GroupView*> late;
  for (const auto& group : snapshot_->groups()) {
    for (const TargetView& target : group->targets) {
      const auto since = target.config->draining_since;
      if (since && reactor_.now() - *since >= group->config->deregistration_delay) {
        late[target.receiver.get()] = group.get();
      }
    }
  }
  if (late.empty()) return;
  const auto passages = passages_;
  for (const auto& passage : passages) {
    if (late.contains(passage->receiver())) passage->BreakOff();
  }
  const auto flows = flows_;
  for (const auto& flow : flows) {
    const auto found = late.find(flow->receiver());
    if (found != late.end() && found->second->config->terminates_connections_when_drained) flow->BreakOff("drained");
  }
  for (const auto& [receiver, group] : late) {
    if (!group->config->terminates_connections_when_drained) continue;
    for (UdpPort* port : udp_ports_) port->Terminate(receiver);
  }
}

void Worker::Stop() {
  tick_.Cancel();
  checker_.Stop();
  const auto passages = passages_;
  for (const auto& passage : passages) passage->BreakOff();
  const auto flows = flows_;
  for (const auto& flow : flows) flow->BreakOff("stopped");
}

void Worker::Forget() {
  tick_.Cancel();
  checker_.Stop();
  for (const auto& passage : passages_) passage->Abandon();
  for (const auto& flow : flows_) flow->Abandon();
  passages_.clear();
  flows_.clear();
  client_.reset();
}

}  // namespace meetinity::balancer
