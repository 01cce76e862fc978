#include "aws/elbv2/elbv2.h"

#include <fmt/format.h>

#include "aws/elbv2/permissions.h"
#include "aws/elbv2/publisher.h"
#include "aws/elbv2/state.h"
#include "base/bytes.h"
#include "base/random.h"

namespace meetinity::elbv2 {

Elbv2::Elbv2(store::Database& database, ec2::Ec2& ec2, acm::Acm& acm, DataPlane& data_plane, const Clock& clock,
             Elbv2Options options)
    : database_(database),
      ec2_(ec2),
      acm_(acm),
      data_plane_(data_plane),
      clock_(clock),
      options_(std::move(options)),
      publisher_(std::make_unique<Publisher>(ec2, acm, data_plane)) {}

Elbv2::~Elbv2() = default;

std::vector<store::Migration> Elbv2::Migrations() { return Elbv2Migrations(); }

void Elbv2::OnPublish(std::function<void(const Published&)> published) { publisher_->OnPublish(std::move(published)); }

Status Elbv2::Restore(Doorway doorway) {
  // A store that was emptied, or is new, has no secret yet. Cookies are to be understood after a restart.
  const std::string secret = TRY(database_.Write([](store::Tx& tx) -> Result<std::string> {
    constexpr std::string_view kCookies = "cookies";
    const auto held = TRY(tx.Find<SecretRecord>(std::string(kCookies)));
    if (held) return held->secret;
    SecretRecord made{std::string(kCookies), Base64Encode(RandomBytes(32))};
    TRY(tx.Put(made));
    return made.secret;
  }));
  publisher_->SetSurroundings(std::move(doorway), secret);
  return Republish();
}

Status Elbv2::Republish() {
  return Change([](store::Tx&) -> Status { return {}; });
}

Result<std::shared_ptr<const Publication>> Elbv2::Build(const store::Tx& tx) const {
  return std::make_shared<const Publication>(TRY(publisher_->Build(tx, tx.number())));
}

void Elbv2::Publish(const Publication& next) const { publisher_->Publish(next); }

// Inside the class an operation's name is its method; the tag of the same name stands in the namespace.
#define MEETINITY_SERVE(operation)                                                                                    \
  host.Serve<elbv2::operation>([this](const Call& call, const operation##Input& in) { return operation(call, in); }); \
  host.Require<elbv2::operation>([this](const Call& call, const operation##Input& in) {                               \
    return PermissionsFor(SubjectOf(#operation, call, in));                                                           \
  })

void Elbv2::Register(wire::ServiceHost& host) {
  MEETINITY_SERVE(CreateLoadBalancer);
  MEETINITY_SERVE(DescribeLoadBalancers);
  MEETINITY_SERVE(DeleteLoadBalancer);
  MEETINITY_SERVE(DescribeLoadBalancerAttributes);
  MEETINITY_SERVE(ModifyLoadBalancerAttributes);
  MEETINITY_SERVE(SetSubnets);
  MEETINITY_SERVE(SetSecurityGroups);
  MEETINITY_SERVE(SetIpAddressType);
  MEETINITY_SERVE(DescribeCapacityReservation);
  MEETINITY_SERVE(CreateListener);
  MEETINITY_SERVE(DescribeListeners);
  MEETINITY_SERVE(ModifyListener);
  MEETINITY_SERVE(DeleteListener);
  MEETINITY_SERVE(DescribeListenerAttributes);
  MEETINITY_SERVE(ModifyListenerAttributes);
  MEETINITY_SERVE(AddListenerCertificates);
  MEETINITY_SERVE(DescribeListenerCertificates);
  MEETINITY_SERVE(RemoveListenerCertificates);
  MEETINITY_SERVE(CreateRule);
  MEETINITY_SERVE(DescribeRules);
  MEETINITY_SERVE(ModifyRule);
  MEETINITY_SERVE(DeleteRule);
  MEETINITY_SERVE(SetRulePriorities);
  MEETINITY_SERVE(CreateTargetGroup);
  MEETINITY_SERVE(DescribeTargetGroups);
  MEETINITY_SERVE(ModifyTargetGroup);
  MEETINITY_SERVE(DeleteTargetGroup);
  MEETINITY_SERVE(DescribeTargetGroupAttributes);
  MEETINITY_SERVE(ModifyTargetGroupAttributes);
  MEETINITY_SERVE(RegisterTargets);
  MEETINITY_SERVE(DeregisterTargets);
  MEETINITY_SERVE(DescribeTargetHealth);
  MEETINITY_SERVE(AddTags);
  MEETINITY_SERVE(DescribeTags);
  MEETINITY_SERVE(RemoveTags);
  MEETINITY_SERVE(DescribeSSLPolicies);
  MEETINITY_SERVE(DescribeAccountLimits);
}

#undef MEETINITY_SERVE

Result<wire::Permissions> Elbv2::PermissionsFor(const Subject& subject) const {
  wire::Permissions all;
  for (const std::string& resource : subject.resources) {
    wire::Permission permission{"", resource, {}};
    if (subject.tags != nullptr) wire::AddRequestTags(*subject.tags, permission.keys);
    if (subject.tag_keys != nullptr) permission.keys["aws:TagKeys"] = *subject.tag_keys;
    for (const auto& tag :
         TRY(database_.Read([&](const store::ReadTx& tx) { return tx.Select<TagRecord>("arn = ?", {resource}); }))) {
      permission.keys["aws:ResourceTag/" + tag.key] = {tag.value};
    }
    all.push_back(std::move(permission));
  }
  if (subject.creates_tagged) {
    wire::Permission tagging = all.front();
    tagging.action = "elasticloadbalancing:AddTags";
    all.push_back(std::move(tagging));
  }
  return all;
}

}  // namespace meetinity::elbv2
