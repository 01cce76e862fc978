#include "engine/balancer/passage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "engine/balancer/forwarded_request.h"
#include "engine/balancer/own_answer.h"
#include "engine/balancer/rule_match.h"
#include "engine/balancer/trace_id.h"
#include "engine/balancer/worker.h"
#include "net/transport.h"

namespace meetinity::balancer {
namespace {

// ALB user guide, "Troubleshoot": more addresses than this in X-Forwarded-For are answered with 463.
constexpr size_t kForwardedForMax = 30;

// ALB user guide, "Quotas": one header may have 16 K.
constexpr size_t kHeaderMax = 16 * 1'024;

// A target that refuses connections is not the last word: so many are tried.
constexpr size_t kTargetsTriedMax = 3;

constexpr Duration kConnectTimeout = std::chrono::seconds(10);

// "Expires" of AWSALB and its like; the configured duration is enforced by what is sealed in the value.
constexpr Duration kCookieLifetime = 7 * kDay;

bool IsGrpc(const net::RequestHead& request) {
  if (request.version != net::HttpVersion::kHttp2) return false;
  const auto type = request.Find("content-type");
  return type && type->starts_with("application/grpc");
}

std::optional<std::string_view> CookieOf(const net::RequestHead& request, std::string_view name) {
  for (const net::HeaderView& header : request.headers) {
    if (header.name != "cookie") continue;
    if (const auto value = FindCookie(header.value, name)) return value;
  }
  return std::nullopt;
}

}  // namespace

Passage::Passage(Worker& worker, SnapshotPtr snapshot, const ListenerView& listener, std::string_view zone,
                 const net::ExchangePtr& exchange)
    : worker_(worker),
      snapshot_(std::move(snapshot)),
      listener_(listener),
      zone_(zone),
      exchange_(exchange),
      created_(worker.reactor().now()),
      began_(worker.reactor().monotonic()) {}

// ---- deciding

void Passage::Begin() {
  const net::RequestHead& request = exchange_->request();
  BalancerTallies& tallies = worker_.tallies(listener_);
  tallies.requests.Add();
  is_grpc_ = IsGrpc(request);
  if (is_grpc_) tallies.grpc_requests.Add();
  const std::string root = NewTraceRoot(created_, worker_.chooser().Random(), worker_.chooser().Random());
  trace_ = TraceField(request.Find(kTraceHeader).value_or(""), root);
  if (const int refusal = Precheck(); refusal != 0) return AnswerOwn(refusal);
  size_t evaluated = 0;
  rule_ = MatchRule(listener_, request, exchange_->peer().address, evaluated);
  tallies.rule_evaluations.Add(evaluated);
  if (rule_ == nullptr) return AnswerOwn(500);
  Act(*rule_);
}

// What is refused before any rule is looked at: 0 when nothing is.
int Passage::Precheck() {
  const net::RequestHead& request = exchange_->request();
  classification_ = Classify(request);
  if (classification_.tier != DesyncTier::kCompliant) worker_.tallies(listener_).non_compliant.Add();
  switch (Judge(classification_.tier, listener_.balancer->desync)) {
    case DesyncVerdict::kPass:
      break;
    case DesyncVerdict::kPassAndClose:
      exchange_->CloseAfterAnswer();
      break;
    case DesyncVerdict::kRefuse:
      exchange_->CloseAfterAnswer();
      return 400;
  }
  if (request.method == "TRACE") return 405;
  for (const net::HeaderView& header : request.headers) {
    if (header.name.size() + header.value.size() <= kHeaderMax) continue;
    exchange_->CloseAfterAnswer();
    return 400;
  }
  return CountForwardedFor(request) > kForwardedForMax ? 463 : 0;
}

void Passage::Act(const RuleView& rule) {
  if (const auto* forward = std::get_if<ForwardAction>(&rule.config->action)) return Forward(rule, *forward);
  BalancerTallies& tallies = worker_.tallies(listener_);
  if (const auto* redirect = std::get_if<RedirectAction>(&rule.config->action)) {
    action_ = "redirect";
    tallies.redirects.Add();
    return Redirect(*redirect);
  }
  action_ = "fixed-response";
  tallies.fixed_responses.Add();
  OwnAnswer answer = FixedAnswer(std::get<FixedResponseAction>(rule.config->action));
  Respond(answer.status, answer.headers, std::move(answer.body));
}

void Passage::Redirect(const RedirectAction& action) {
  const net::RequestHead& request = exchange_->request();
  const bool is_https = listener_.config->protocol == ListenerProtocol::kHttps;
  redirect_url_ = RedirectLocation(action, {.protocol = is_https ? "https" : "http",
                                            .host = HostOf(request.authority),
                                            .port = listener_.config->port,
                                            .path = request.path,
                                            .query = request.query});
  OwnAnswer answer = RedirectAnswer(action, redirect_url_);
  worker_.tallies(listener_).CountOwn(answer.status);
  Respond(answer.status, answer.headers, std::move(answer.body));
}

void Passage::Forward(const RuleView& rule, const ForwardAction& action) {
  action_ = "forward";
  group_ = PickGroup(rule, action);
  if (group_ == nullptr) return AnswerOwn(503);
  if (!SpeaksTheGroupsProtocol()) return AnswerOwn(464);
  upgrade_ = UpgradeOf(exchange_->request());
  const TargetView* target = PickTarget();
  if (target == nullptr) return AnswerOwn(503);
  SendTo(*target);
}

const GroupView* Passage::PickGroup(const RuleView& rule, const ForwardAction& action) {
  if (action.group_stickiness && rule.choices.size() > 1) {
    const auto cookie = CookieOf(exchange_->request(), "AWSALBTG");
    if (cookie) {
      const auto ticket = snapshot_->cookies().Open(*cookie, StickyTicket::Kind::kGroup);
      if (!ticket) error_reason_ = "AWSALBTGCookieInvalid";
      if (ticket && created_ - ticket->issued < *action.group_stickiness) {
        for (const RuleView::Choice& choice : rule.choices) {
          if (choice.group != nullptr && choice.group->fingerprint == ticket->group) return choice.group;
        }
      }
    }
    group_was_chosen_ = true;
  }
  return worker_.chooser().ChooseGroup(rule);
}

// ALB user guide, "Protocol versions" of target groups.
bool Passage::SpeaksTheGroupsProtocol() const {
  const bool is_http2 = exchange_->request().version == net::HttpVersion::kHttp2;
  switch (group_->config->version) {
    case ProtocolVersion::kHttp1:
      return !is_grpc_;
    case ProtocolVersion::kHttp2:
      return is_http2;
    case ProtocolVersion::kGrpc:
      return is_http2 && (is_grpc_ || exchange_->request().method == "POST");
  }
  return false;
}

const TargetView* Passage::StickyTarget() {
  const TargetGroup& config = *group_->config;
  std::optional<StickyTicket> ticket;
  if (config.stickiness == Stickiness::kLoadBalancerCookie) {
    auto cookie = CookieOf(exchange_->request(), "AWSALB");
    if (!cookie) cookie = CookieOf(exchange_->request(), "AWSALBCORS");
    if (cookie) ticket = snapshot_->cookies().Open(*cookie, StickyTicket::Kind::kTarget);
  } else if (config.stickiness == Stickiness::kApplicationCookie) {
    const auto cookie = CookieOf(exchange_->request(), "AWSALBAPP-0");
    // The balancer's cookie means nothing without the application's own.
    if (cookie && CookieOf(exchange_->request(), config.application_cookie)) {
      ticket = snapshot_->cookies().Open(*cookie, StickyTicket::Kind::kApplication);
    }
  }
  if (!ticket || ticket->group != group_->fingerprint) return nullptr;
  if (created_ - ticket->issued >= config.stickiness_duration) return nullptr;
  const TargetView* target = group_->Find(ticket->target_id);
  return target != nullptr && TargetChooser::MayStay(*group_, *target, zone_) ? target : nullptr;
}

const TargetView* Passage::PickTarget() {
  const Stickiness stickiness = group_->config->stickiness;
  if (stickiness == Stickiness::kLoadBalancerCookie || stickiness == Stickiness::kApplicationCookie) {
    if (const TargetView* sticky = StickyTarget()) return sticky;
    worker_.tallies(listener_).non_sticky_requests.Add();
  }
  const bool crosses = group_->config->cross_zone.value_or(listener_.balancer->cross_zone);
  return worker_.chooser().Choose(*group_, crosses ? std::string_view() : zone_, worker_.reactor().monotonic(), tried_);
}

// ---- asking

void Passage::SendTo(const TargetView& target) {
  target_ = &target;
  tried_.push_back(target.receiver.get());
  worker_.Enter(*target.receiver);
  at_target_ = true;
  TargetTallies& tallies = target.receiver->tallies(worker_.index());
  tallies.requests.Add();
  if (!target.receiver->is_healthy()) tallies.unhealthy_routing.Add();

  bool dropped = false;
  const net::RequestHead& head = exchange_->request();
  net::ClientRequest request = ForwardRequest({head, exchange_->peer(), listener_, trace_, upgrade_}, dropped);
  if (dropped && tried_.size() == 1) worker_.tallies(listener_).dropped_invalid_headers.Add();
  request.connect_timeout = kConnectTimeout;
  request.response_timeout = listener_.balancer->idle_timeout;
  // Of an odd request nobody knows for sure where it ends for the target, so nothing follows it there.
  request.closes_connection = classification_.tier == DesyncTier::kAmbiguous && upgrade_.empty();
  if (head.has_body) {
    request.streams_body = true;
    request.content_length = head.content_length;
  }
  sent_at_ = worker_.reactor().monotonic();

  // By raw pointer: this outlives the call, which is cancelled or over before it goes.
  net::ResponseReader reader;
  reader.on_head = [this](const net::ResponseHeadView& answer) { OnHead(answer); };
  reader.on_data = [this](std::string_view bytes) { OnData(bytes); };
  reader.on_end = [this] { OnEnd(); };
  reader.on_error = [this](const Error& error) { OnError(error); };
  if (group_->config->version != ProtocolVersion::kHttp1) {
    reader.on_trailers = [this](const net::HeaderBlock& trailers) { trailers_ = trailers; };
  }
  if (!upgrade_.empty()) {
    reader.on_upgrade = [this](const net::ResponseHeadView& answer, net::TakenConnection connection) {
      OnUpgrade(answer, std::move(connection));
    };
  }
  call_ = worker_.client().Send(target.endpoint, std::move(request), std::move(reader));
  if (tried_.size() == 1) exchange_->OnGone([this] { OnGone(); });
  if (head.has_body) ReadBody();
}

void Passage::ReadBody() {
  call_->OnBodyDrained([this] {
    // The connection stands, and took it: it is this target's request now.
    replay_.clear();
    replay_complete_ = false;
    exchange_->ResumeBody();
  });
  if (std::exchange(body_begun_, true)) {
    for (const net::Slice& slice : replay_) call_->WriteBody(slice);
    if (body_over_) call_->FinishBody();
    return;
  }
  body_over_ = false;
  // The exchange may go on reading after this is over.
  const auto weak = weak_from_this();
  exchange_->ReadBody({.on_data =
                           [weak](std::string_view bytes) {
                             if (const auto self = weak.lock()) self->OnBodyData(bytes);
                           },
                       .on_end =
                           [weak] {
                             const auto self = weak.lock();
                             if (!self || self->over_) return;
                             self->body_over_ = true;
                             if (self->call_) self->call_->FinishBody();
                           },
                       .on_error =
                           [weak](Error error) {
                             if (const auto self = weak.lock()) self->OnBodyError(error);
                           }});
}

void Passage::OnBodyData(std::string_view bytes) {
  if (over_ || !call_) return;
  body_bytes_ += bytes.size();
  const net::Slice slice = net::Slice::Copy(bytes);
  if (replay_complete_) replay_.push_back(slice);
  call_->WriteBody(slice);
  target_->receiver->tallies(worker_.index()).bytes_to.Add(bytes.size());
  if (call_->body_buffered() > net::kStreamBufferMax) exchange_->PauseBody();
}

void Passage::OnBodyError(const Error& error) {
  if (over_ || exchange_->gone()) return;  // OnGone follows
  if (call_) call_->Cancel();
  if (!started_) return AnswerOwn(error.name == net::kBodyTimeout ? 408 : 400);
  exchange_->Abort();
  Finish();
}

// Another target, where the first never saw the request.
bool Passage::TryAnother() {
  if (tried_.size() >= kTargetsTriedMax || !replay_complete_ || exchange_->gone()) return false;
  const bool crosses = group_->config->cross_zone.value_or(listener_.balancer->cross_zone);
  const TargetView* next =
      worker_.chooser().Choose(*group_, crosses ? std::string_view() : zone_, worker_.reactor().monotonic(), tried_);
  if (next == nullptr) return false;
  LeaveTarget();
  SendTo(*next);
  return true;
}

// ---- answering

void Passage::CountAnswer(int status) {
  target_status_ = status_ = status;
  head_at_ = worker_.reactor().monotonic();
  TargetTallies& tallies = target_->receiver->tallies(worker_.index());
  tallies.by_class[static_cast<size_t>(std::clamp(status / 100, 0, 5))].Add();
  tallies.CountLatency(*head_at_ - *sent_at_);
}

void Passage::OnHead(const net::ResponseHeadView& head) {
  const auto keep = shared_from_this();
  CountAnswer(head.status);
  if (head.connect_time > Duration::zero()) target_->receiver->tallies(worker_.index()).connections_new.Add();
  net::HeaderBlock& headers = worker_.FreshHeaders();
  CopyResponseHeaders(head.headers, headers);
  AddStickyCookies(head.headers, headers);
  // Who is answered before the last byte of the request has no use for the rest, nor has the connection.
  if (!body_over_) exchange_->CloseAfterAnswer();
  const net::HeaderBlock* const blocks[] = {&headers};
  started_ = true;
  if (head.ends_answer) {
    answered_ = true;
    const bool has_length = head.status != 204 && head.status >= 200;
    return exchange_->RespondWithoutBody(head.status, blocks, has_length ? head.content_length : std::nullopt);
  }
  exchange_->StartResponse(head.status, blocks, head.content_length);
}

void Passage::OnData(std::string_view bytes) {
  const auto keep = shared_from_this();
  target_->receiver->tallies(worker_.index()).bytes_from.Add(bytes.size());
  exchange_->Write(net::Slice::Copy(bytes));
  if (over_ || exchange_->buffered() <= net::kStreamBufferMax) return;
  call_->Pause();
  exchange_->OnDrained([this] {
    if (call_) call_->Resume();
  });
}

void Passage::OnEnd() {
  const auto keep = shared_from_this();
  if (!std::exchange(answered_, true)) {
    if (trailers_.size() > 0) {
      exchange_->FinishWithTrailers(trailers_);
    } else {
      exchange_->Finish();
    }
  }
  Finish();
}

void Passage::OnError(const Error& error) {
  const auto keep = shared_from_this();
  call_.reset();
  BalancerTallies& tallies = worker_.tallies(listener_);
  TargetTallies& target = target_->receiver->tallies(worker_.index());
  if (started_) {
    if (!answered_) exchange_->Abort();
    return Finish();
  }
  if (error.name == net::kConnectFailed) {
    tallies.target_connection_errors.Add();
    target.connection_errors.Add();
    if (TryAnother()) return;
    return AnswerOwn(502);
  }
  if (error.name == net::kTlsFailed) {
    tallies.target_tls_errors.Add();
    target.tls_errors.Add();
    return AnswerOwn(502);
  }
  // Who has not sent the whole request yet is the one who is waited for.
  if (error.name == net::kResponseTimeout) return AnswerOwn(body_over_ ? 504 : 408);
  if (error.name == net::kClientBusy) return AnswerOwn(503);
  if (error.name == net::kRequestInvalid) return AnswerOwn(400);
  target.connection_errors.Add();
  AnswerOwn(502);
}

void Passage::OnUpgrade(const net::ResponseHeadView& head, net::TakenConnection target) {
  const auto keep = shared_from_this();
  call_.reset();
  CountAnswer(head.status);
  net::HeaderBlock& headers = worker_.FreshHeaders();
  CopyResponseHeaders(head.headers, headers);
  headers.Add("Upgrade", upgrade_);
  AddStickyCookies(head.headers, headers);
  const net::HeaderBlock* const blocks[] = {&headers};
  std::optional<net::TakenConnection> client = exchange_->SwitchProtocols(blocks);
  if (!client) {
    net::CloseWithReset(*target.transport);
    return AnswerOwn(502);
  }
  started_ = answered_ = true;
  worker_.tallies(listener_).websockets.Add();
  relay_ = net::Relay::Start(worker_.reactor(),
                             {std::move(client->transport), std::move(client->unread), std::move(client->unsent)},
                             {std::move(target.transport), std::move(target.unread), {}},
                             listener_.balancer->idle_timeout, [weak = weak_from_this()](net::Relay::End) {
                               if (const auto self = weak.lock()) self->OnRelayEnded();
                             });
}

void Passage::OnRelayEnded() {
  const auto keep = shared_from_this();
  const net::Relay::Totals totals = relay_->totals();
  body_bytes_ += totals.from_left;
  TargetTallies& tallies = target_->receiver->tallies(worker_.index());
  tallies.bytes_to.Add(totals.from_left);
  tallies.bytes_from.Add(totals.from_right);
  Finish();
}

void Passage::OnGone() {
  const auto keep = shared_from_this();
  if (over_) return;
  if (call_) call_->Cancel();
  if (!started_) status_ = 0;
  Finish();
}

void Passage::BreakOff() {
  const auto keep = shared_from_this();
  if (over_) return;
  if (relay_) return relay_->Stop(net::Relay::Farewell::kReset);
  if (call_) call_->Cancel();
  exchange_->CloseAfterAnswer();
  if (!started_) return AnswerOwn(502);
  if (!answered_) exchange_->Abort();
  Finish();
}

void Passage::Abandon() {
  over_ = true;
  if (call_) call_->Cancel();
  if (relay_) relay_->Stop(net::Relay::Farewell::kReset);
  exchange_->OnGone(nullptr);
  exchange_->OnDrained(nullptr);
}

void Passage::AddStickyCookies(std::span<const net::HeaderView> received, net::HeaderBlock& headers) const {
  const auto set = [&](std::string_view name, const StickyTicket& ticket, bool has_twin) {
    const std::string value = snapshot_->cookies().Seal(ticket);
    const std::string expires = (created_ + kCookieLifetime).ToHttpDate();
    headers.Add("Set-Cookie", fmt::format("{}={}; Expires={}; Path=/", name, value, expires));
    if (!has_twin) return;
    headers.Add("Set-Cookie",
                fmt::format("{}CORS={}; Expires={}; Path=/; SameSite=None; Secure", name, value, expires));
  };
  if (group_was_chosen_) set("AWSALBTG", {StickyTicket::Kind::kGroup, created_, group_->fingerprint, {}}, true);
  const std::string& target_id = target_->config->id;
  if (group_->config->stickiness == Stickiness::kLoadBalancerCookie) {
    set("AWSALB", {StickyTicket::Kind::kTarget, created_, group_->fingerprint, target_id}, true);
  } else if (group_->config->stickiness == Stickiness::kApplicationCookie) {
    const bool sets_it = std::ranges::any_of(received, [this](const net::HeaderView& header) {
      return header.name == "set-cookie" && SetsCookie(header.value, group_->config->application_cookie);
    });
    if (sets_it)
      set("AWSALBAPP-0", {StickyTicket::Kind::kApplication, created_, group_->fingerprint, target_id}, false);
  }
}

void Passage::AnswerOwn(int status, std::string_view reason) {
  if (!reason.empty()) error_reason_ = reason;
  OwnAnswer answer = ErrorAnswer(status);
  worker_.tallies(listener_).CountOwn(status);
  Respond(status, answer.headers, std::move(answer.body));
}

void Passage::Respond(int status, const net::HeaderBlock& headers, std::string body) {
  const auto keep = weak_from_this().lock();
  status_ = status;
  started_ = answered_ = true;
  if (!exchange_->gone()) exchange_->Respond(status, headers, net::Slice::Own(std::move(body)));
  Finish();
}

void Passage::LeaveTarget() {
  if (std::exchange(at_target_, false)) worker_.Leave(*target_->receiver);
}

void Passage::Finish() {
  if (std::exchange(over_, true)) return;
  const auto keep = shared_from_this();
  BalancerTallies& tallies = worker_.tallies(listener_);
  tallies.bytes_from_clients.Add(body_bytes_ + exchange_->request().target.size());
  tallies.bytes_to_clients.Add(exchange_->bytes_sent() + (relay_ ? relay_->totals().from_right : 0));
  if (listener_.balancer->logs_access) Record();
  LeaveTarget();
  call_.reset();
  worker_.Release(keep);
}

void Passage::Record() {
  const net::RequestHead& request = exchange_->request();
  const net::PeerInfo& peer = exchange_->peer();
  const bool is_https = listener_.config->protocol == ListenerProtocol::kHttps;
  AccessRecord record;
  const bool is_http2 = request.version == net::HttpVersion::kHttp2;
  record.type = relay_ ? (is_https ? "wss" : "ws") : is_grpc_ ? "grpcs" : is_http2 ? "h2" : is_https ? "https" : "http";
  record.time = worker_.reactor().now();
  record.created = created_;
  record.load_balancer_id = listener_.balancer->id;
  record.load_balancer_name = listener_.balancer->name;
  record.listener_id = listener_.config->id;
  record.client_address = peer.address;
  record.client_port = peer.port;
  if (target_ != nullptr) {
    record.target_address = target_->config->address;
    record.target_port = target_->config->port;
    record.target_group_id = group_->config->id;
  }
  const MonotonicInstant now = worker_.reactor().monotonic();
  if (sent_at_ && head_at_) {
    record.request_processing = *sent_at_ - began_;
    record.target_processing = *head_at_ - *sent_at_;
    record.response_processing = now - *head_at_;
  }
  record.status = status_;
  record.target_status = target_status_;
  record.received_bytes = body_bytes_ + request.method.size() + request.target.size() + 12;
  for (const net::HeaderView& header : request.headers) {
    record.received_bytes += header.name.size() + header.value.size() + 4;
  }
  record.sent_bytes = exchange_->bytes_sent() + (relay_ ? relay_->totals().from_right : 0);
  record.method = request.method;
  record.url = fmt::format("{}://{}:{}{}", is_https ? (relay_ ? "wss" : "https") : (relay_ ? "ws" : "http"),
                           HostOf(request.authority), listener_.config->port, request.target);
  record.version = is_http2 ? "HTTP/2.0" : request.version == net::HttpVersion::kHttp11 ? "HTTP/1.1" : "HTTP/1.0";
  record.user_agent = request.Find("user-agent").value_or("");
  record.tls_cipher = OpenSslCipherName(peer.tls_cipher);
  record.tls_protocol = peer.tls_protocol;
  record.trace_id = trace_;
  record.domain_name = peer.sni;
  if (peer.tls) {
    if (const Certificate* shown = listener_.CertificateFor(peer.sni)) record.certificate_id = shown->id;
  }
  if (rule_ != nullptr) record.rule_priority = rule_->config->priority;
  record.action = action_;
  record.redirect_url = redirect_url_;
  record.error_reason = error_reason_;
  record.classification = ToLogWord(classification_.tier);
  record.classification_reason = classification_.reason;
  worker_.core().observer.OnRequest(record);
}

}  // namespace meetinity::balancer
