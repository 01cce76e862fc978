#include "engine/balancer/health_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/balancer/target_choice.h"
#include "net/socket.h"

namespace meetinity::balancer {
namespace {

constexpr std::string_view kCheckerAgent = "ELB-HealthChecker/2.0";

CheckResult Failed(HealthReason reason, int status = 0) { return {false, reason, status}; }

CheckResult FromError(const Error& error) {
  return Failed(error.name == net::kResponseTimeout ? HealthReason::kTimeout : HealthReason::kFailedChecks);
}

}  // namespace

bool Accepts(const HealthCheck& rules, int status) {
  return std::ranges::any_of(rules.matcher, [status](const std::pair<int, int>& range) {
    return range.first <= status && status <= range.second;
  });
}

TargetHealth HealthTrack::Next(const TargetHealth& before, const CheckResult& result, const HealthCheck& rules) {
  passes_ = result.passed ? passes_ + 1 : 0;
  failures_ = result.passed ? 0 : failures_ + 1;
  if (result.passed) {
    const bool enough = before.state == TargetState::kInitial || passes_ >= rules.healthy_threshold;
    return before.state == TargetState::kHealthy || enough ? TargetHealth{TargetState::kHealthy, HealthReason::kNone, 0}
                                                           : before;
  }
  if (before.state == TargetState::kUnhealthy) return {TargetState::kUnhealthy, result.reason, result.status};
  if (failures_ < rules.unhealthy_threshold) return before;
  return {TargetState::kUnhealthy, result.reason, result.status};
}

// One target's checks.
class HealthChecker::Probe final : public net::IoHandler {
 public:
  Probe(HealthChecker& owner, ReceiverPtr receiver) : owner_(owner), receiver_(std::move(receiver)) {}
  ~Probe() override { CloseAttempt(); }

  void Update(SnapshotPtr snapshot, const GroupView& group, const TargetView& target) {
    snapshot_ = std::move(snapshot);
    group_ = &group;
    target_ = &target;
    if (!begun_) Begin();
  }

 private:
  const HealthCheck& rules() const { return group_->config->health_check; }

  void Begin() {
    begun_ = true;
    deadline_ = owner_.reactor_.StartTimer(rules().timeout, [this] { End(Failed(HealthReason::kTimeout)); });
    next_ = owner_.reactor_.StartTimer(rules().interval, [this] { Begin(); });
    over_ = false;
    if (rules().protocol == TargetProtocol::kTcp) {
      BeginTcp();
    } else {
      BeginHttp();
    }
  }

  uint16_t port() const { return rules().port.value_or(target_->endpoint.port); }

  void BeginTcp() {
    const auto address = net::SocketAddress::Parse(target_->endpoint.address, port());
    auto socket = address.ok() ? net::StartConnect(*address) : Result<net::Socket>(address.error());
    if (!socket.ok()) return End(Failed(HealthReason::kFailedChecks));
    socket_ = std::move(socket).value();
    if (!owner_.reactor_.Watch(socket_.fd(), this).ok()) End(Failed(HealthReason::kFailedChecks));
  }

  void OnReady(uint32_t) override {
    if (!net::ConnectOutcome(socket_).ok()) return End(Failed(HealthReason::kFailedChecks));
    End({true, HealthReason::kNone, 0});
  }

  void BeginHttp() {
    const bool is_grpc = group_->config->version == ProtocolVersion::kGrpc;
    net::Endpoint endpoint = target_->endpoint;
    endpoint.port = port();
    const bool is_http2 = endpoint.version == net::HttpVersion::kHttp2;
    endpoint.tls = rules().protocol == TargetProtocol::kHttps ? snapshot_->TlsTo(is_http2) : nullptr;
    net::ClientRequest request;
    request.method = is_grpc ? "POST" : "GET";
    request.target = rules().path.empty() ? "/" : rules().path;
    request.authority = fmt::format("{}:{}", target_->config->address, rules().port.value_or(target_->config->port));
    request.headers.Add("User-Agent", kCheckerAgent);
    if (is_grpc) {
      request.headers.Add("Content-Type", "application/grpc");
      request.headers.Add("TE", "trailers");
      request.body.push_back(net::Slice::Static(std::string_view("\0\0\0\0\0", 5)));  // one empty message
    } else {
      request.headers.Add("Accept-Encoding", "gzip, compressed");
    }
    request.closes_connection = true;
    request.connect_timeout = request.response_timeout = rules().timeout;
    net::ResponseReader reader;
    reader.on_head = [this, is_grpc](const net::ResponseHeadView& head) { OnHead(head, is_grpc); };
    reader.on_trailers = [this](const net::HeaderBlock& trailers) {
      if (const auto status = trailers.Find("grpc-status")) Judge(*status);
    };
    reader.on_end = [this] { End(Failed(HealthReason::kFailedChecks)); };
    reader.on_error = [this](const Error& error) { End(FromError(error)); };
    call_ = owner_.client().Send(endpoint, std::move(request), std::move(reader));
  }

  void OnHead(const net::ResponseHeadView& head, bool is_grpc) {
    if (!is_grpc) return Judge(head.status);
    for (const net::HeaderView& header : head.headers) {
      if (header.name == "grpc-status") return Judge(header.value);
    }
    if (head.status != 200) End(Failed(HealthReason::kResponseCodeMismatch, head.status));
  }

  void Judge(std::string_view grpc_status) {
    const auto status = ParseUnsigned(grpc_status);
    if (!status || *status > 99) return End(Failed(HealthReason::kFailedChecks));
    Judge(static_cast<int>(*status));
  }
  void Judge(int status) {
    End(Accepts(rules(), status) ? CheckResult{true, HealthReason::kNone, status}
                                 : Failed(HealthReason::kResponseCodeMismatch, status));
  }

  void CloseAttempt() {
    deadline_.Cancel();
    if (socket_.valid()) {
      owner_.reactor_.Unwatch(socket_.fd(), this);
      socket_.Close();
    }
    if (const auto call = std::exchange(call_, nullptr)) call->Cancel();
  }

  void End(const CheckResult& result) {
    if (std::exchange(over_, true)) return;
    CloseAttempt();
    const TargetHealth before = receiver_->health();
    const TargetHealth after = track_.Next(before, result, rules());
    if (!receiver_->Observe(after)) return;
    if (after.state == TargetState::kHealthy && before.state != TargetState::kHealthy) BeginSlowStart();
    if (after.state == TargetState::kUnhealthy) receiver_->slow_start_began = 0;
    owner_.tell_(receiver_, after);
  }

  // The first targets of a group have nobody who could take over their share.
  void BeginSlowStart() {
    if (group_->config->slow_start <= Duration::zero()) return;
    const bool others = std::ranges::any_of(group_->targets, [this](const TargetView& other) {
      return other.receiver != receiver_ && other.may_get_new() && other.receiver->is_healthy();
    });
    if (others) receiver_->slow_start_began = owner_.reactor_.monotonic().time_since_epoch().count();
  }

  HealthChecker& owner_;
  const ReceiverPtr receiver_;
  SnapshotPtr snapshot_;
  const GroupView* group_ = nullptr;
  const TargetView* target_ = nullptr;
  HealthTrack track_;
  net::Timer next_, deadline_;
  net::Socket socket_;
  std::shared_ptr<net::ClientCall> call_;
  bool begun_ = false;
  bool over_ = true;
};

HealthChecker::HealthChecker(net::Reactor& reactor, Tell tell) : reactor_(reactor), tell_(std::move(tell)) {}

HealthChecker::~HealthChecker() = default;

net::HttpClient& HealthChecker::client() {
  if (!client_) {
    net::ClientLimits limits;
    limits.idle_per_endpoint = 0;
    client_ = net::HttpClient::Create(reactor_, limits);
  }
  return *client_;
}

void HealthChecker::Adopt(const SnapshotPtr& snapshot, size_t share, size_t shares) {
  std::unordered_map<const Receiver*, std::unique_ptr<Probe>> kept;
  for (const auto& group : snapshot->groups()) {
    if (!group->in_use || !group->config->health_check.enabled) continue;
    for (const TargetView& target : group->targets) {
      const Receiver* const receiver = target.receiver.get();
      if (target.config->draining_since || HashBytes(receiver->target_id()) % shares != share) continue;
      auto& probe = kept[receiver];
      const auto found = probes_.find(receiver);
      probe = found != probes_.end() ? std::move(found->second) : std::make_unique<Probe>(*this, target.receiver);
      probe->Update(snapshot, *group, target);
    }
  }
  probes_ = std::move(kept);
}

void HealthChecker::Stop() {
  probes_.clear();
  client_.reset();
}

}  // namespace meetinity::balancer
