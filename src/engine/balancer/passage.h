#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/balancer/access_record.h"
#include "engine/balancer/desync.h"
#include "engine/balancer/snapshot.h"
#include "engine/balancer/target_choice.h"
#include "net/http.h"
#include "net/http_client.h"
#include "net/relay.h"

namespace meetinity::balancer {

class Worker;

// One request on its way from a client to a target and back. Owned by its worker from Begin until it is over; holds the
// configuration that it began with.
class Passage : public std::enable_shared_from_this<Passage> {
 public:
  Passage(Worker& worker, SnapshotPtr snapshot, const ListenerView& listener, std::string_view zone,
          const net::ExchangePtr& exchange);

  void Begin();
  const Receiver* receiver() const { return target_ == nullptr ? nullptr : target_->receiver.get(); }
  // The target is not to be waited for any longer: its deregistration delay is over, or the balancer stops.
  void BreakOff();
  // Nobody is told anything more.
  void Abandon();

 private:
  // ---- deciding
  int Precheck();
  void Act(const RuleView& rule);
  void Redirect(const RedirectAction& action);
  void Forward(const RuleView& rule, const ForwardAction& action);
  const GroupView* PickGroup(const RuleView& rule, const ForwardAction& action);
  const TargetView* PickTarget();
  const TargetView* StickyTarget();
  bool SpeaksTheGroupsProtocol() const;

  // ---- asking
  void SendTo(const TargetView& target);
  void ReadBody();
  void OnBodyData(std::string_view bytes);
  void OnBodyError(const Error& error);
  bool TryAnother();

  // ---- answering
  void OnHead(const net::ResponseHeadView& head);
  void OnData(std::string_view bytes);
  void OnEnd();
  void OnError(const Error& error);
  void OnUpgrade(const net::ResponseHeadView& head, net::TakenConnection target);
  void OnRelayEnded();
  void OnGone();
  void AddStickyCookies(std::span<const net::HeaderView> received, net::HeaderBlock& headers) const;
  void CountAnswer(int status);
  void AnswerOwn(int status, std::string_view reason = {});
  void Respond(int status, const net::HeaderBlock& headers, std::string body);
  void LeaveTarget();
  void Finish();
  void Record();

  Worker& worker_;
  const SnapshotPtr snapshot_;
  const ListenerView& listener_;
  const std::string_view zone_;
  const net::ExchangePtr exchange_;
  const RuleView* rule_ = nullptr;
  const GroupView* group_ = nullptr;
  const TargetView* target_ = nullptr;
  TargetChooser::Tried tried_;
  std::shared_ptr<net::ClientCall> call_;
  std::shared_ptr<net::Relay> relay_;
  std::vector<net::Slice> replay_;  // of the body: what may have to be sent to another target
  net::HeaderBlock trailers_;
  std::string trace_, redirect_url_;
  std::string_view upgrade_, error_reason_, action_;
  Classification classification_;
  Instant created_;
  MonotonicInstant began_{};
  std::optional<MonotonicInstant> sent_at_, head_at_;
  uint64_t body_bytes_ = 0;
  int status_ = 0;
  std::optional<int> target_status_;
  bool is_grpc_ = false;
  bool group_was_chosen_ = false;  // by weight, so that its cookie is to be set
  bool body_over_ = true;
  bool body_begun_ = false;
  bool replay_complete_ = true;
  bool started_ = false;   // the answer's head is with the client
  bool answered_ = false;  // and so is everything else
  bool at_target_ = false;
  bool over_ = false;
};

}  // namespace meetinity::balancer
