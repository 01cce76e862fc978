#include <fmt/format.h>

#include <algorithm>

#include "aws/elbv2/arns.h"
#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "aws/elbv2/paging.h"
#include "aws/elbv2/state.h"
#include "aws/elbv2/tags.h"
#include "aws/elbv2/target_group_rules.h"

// Target groups: made, listed, changed, deleted.
namespace meetinity::elbv2 {
namespace {

Result<TargetGroup> Describe(const store::ReadTx& tx, const TargetGroupRecord& record) {
  TargetGroup out;
  out.target_group_arn = record.arn;
  out.target_group_name = record.name;
  out.protocol = record.protocol;
  out.port = record.port;
  out.vpc_id = record.vpc_id;
  out.target_type = record.target_type;
  out.ip_address_type = record.ip_address_type;
  out.health_check_enabled = true;
  out.health_check_protocol = record.health_check_protocol;
  out.health_check_port = record.health_check_port;
  out.health_check_interval_seconds = record.health_check_interval_seconds;
  out.health_check_timeout_seconds = record.health_check_timeout_seconds;
  out.healthy_threshold_count = record.healthy_threshold;
  out.unhealthy_threshold_count = record.unhealthy_threshold;
  if (!record.health_check_path.empty()) out.health_check_path = record.health_check_path;
  if (!record.protocol_version.empty()) out.protocol_version = record.protocol_version;
  if (!record.matcher.empty()) {
    const bool is_grpc = record.protocol_version == "GRPC";
    out.matcher = is_grpc ? Matcher{.grpc_code = record.matcher} : Matcher{.http_code = record.matcher};
  }
  out.load_balancer_arns = TRY(UsersOf(tx, record.arn));
  return out;
}

bool IsSame(TargetGroupRecord a, const TargetGroupRecord& b) {
  const auto settings = [](const TargetGroupRecord& record) {
    return std::tie(record.protocol, record.port, record.protocol_version, record.vpc_id, record.target_type,
                    record.ip_address_type, record.health_check_protocol, record.health_check_port,
                    record.health_check_path, record.health_check_interval_seconds, record.health_check_timeout_seconds,
                    record.healthy_threshold, record.unhealthy_threshold, record.matcher);
  };
  return settings(a) == settings(b);
}

Status CheckVpc(const ec2::Ec2& ec2, const store::ReadTx& tx, const TargetGroupRecord& record) {
  const auto vpc = ec2.FindVpc(tx, record.vpc_id);
  if (vpc.ok() && vpc->region == record.region) return {};
  if (!vpc.ok() && vpc.error().kind == Kind::kInternal) return vpc.error();
  return Invalid(fmt::format("The VPC ID '{}' is not found", record.vpc_id));
}

}  // namespace

Result<CreateTargetGroupOutput> Elbv2::CreateTargetGroup(const Call& call, const CreateTargetGroupInput& in) {
  TRY(CheckTargetGroupName(in.name));
  TargetGroupRecord record = TRY(ToTargetGroupRecord(in));
  record.region = RegionOf(call);
  record.created_at = call.now;
  return Change([&](store::Tx& tx) -> Result<CreateTargetGroupOutput> {
    TRY(CheckVpc(ec2_, tx, record));
    CreateTargetGroupOutput out;
    const auto there = TRY(tx.Select<TargetGroupRecord>("region = ? AND name = ?", {record.region, record.name}));
    if (!there.empty()) {
      if (!IsSame(there.front(), record)) {
        return Error{
            Kind::kConflict, kDuplicateTargetGroupName,
            fmt::format("A target group with the same name '{}' exists, but with different settings", record.name)};
      }
      out.target_groups = {TRY(Describe(tx, there.front()))};
      return out;
    }
    if (TRY(tx.Count<TargetGroupRecord>("region = ?", {record.region})) >= kTargetGroupsMax) {
      return Error{Kind::kLimit, kTooManyTargetGroups,
                   fmt::format("You've reached the limit of {} target groups in {}", kTargetGroupsMax, record.region)};
    }
    record.arn = NewTargetGroupArn({record.region, call.account}, record.name);
    TRY(tx.Put(record));
    TRY(PutTags(tx, record.arn, in.tags));
    out.target_groups = {TRY(Describe(tx, record))};
    return out;
  });
}

Result<DescribeTargetGroupsOutput> Elbv2::DescribeTargetGroups(const Call& call, const DescribeTargetGroupsInput& in) {
  const bool by_arn = in.target_group_arns && !in.target_group_arns->empty();
  const bool by_name = in.names && !in.names->empty();
  if (int{by_arn} + int{by_name} + int{in.load_balancer_arn.has_value()} > 1) {
    return Invalid("Only one of a load balancer ARN, target group ARNs and names can be specified");
  }
  const std::string region = RegionOf(call);
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeTargetGroupsOutput> {
    std::vector<TargetGroupRecord> records;
    if (by_arn) {
      for (const std::string& arn : *in.target_group_arns) records.push_back(TRY(GetTargetGroup(tx, arn)));
    } else if (by_name) {
      for (const std::string& name : *in.names) {
        auto found = TRY(tx.Select<TargetGroupRecord>("region = ? AND name = ?", {region, name}));
        if (found.empty()) {
          return Error{Kind::kNotFound, kTargetGroupNotFound, "One or more target groups not found"};
        }
        records.push_back(std::move(found.front()));
      }
    } else if (in.load_balancer_arn) {
      TRY(GetLoadBalancer(tx, *in.load_balancer_arn));
      records = TRY(tx.Select<TargetGroupRecord>(
          "arn IN (SELECT target_group_arn FROM elbv2_forwards WHERE load_balancer_arn = ?) ORDER BY created_at, arn",
          {*in.load_balancer_arn}));
    } else {
      records = TRY(tx.Select<TargetGroupRecord>("region = ? ORDER BY created_at, arn", {region}));
    }
    auto page = TRY(TakePage(std::move(records), in.marker, in.page_size,
                             [](const TargetGroupRecord& record) { return record.arn; }));
    DescribeTargetGroupsOutput out;
    out.next_marker = std::move(page.next_marker);
    out.target_groups.emplace();
    for (const TargetGroupRecord& record : page.items) out.target_groups->push_back(TRY(Describe(tx, record)));
    return out;
  });
}

Result<ModifyTargetGroupOutput> Elbv2::ModifyTargetGroup(const Call&, const ModifyTargetGroupInput& in) {
  return Change([&](store::Tx& tx) -> Result<ModifyTargetGroupOutput> {
    TargetGroupRecord record = TRY(GetTargetGroup(tx, in.target_group_arn));
    TRY(ChangeHealthCheck(in, record));
    TRY(tx.Put(record));
    ModifyTargetGroupOutput out;
    out.target_groups = {TRY(Describe(tx, record))};
    return out;
  });
}

Result<DeleteTargetGroupOutput> Elbv2::DeleteTargetGroup(const Call&, const DeleteTargetGroupInput& in) {
  TRY(CheckArn(in.target_group_arn, Resource::kTargetGroup));
  return Change([&](store::Tx& tx) -> Result<DeleteTargetGroupOutput> {
    // Deleting again is no mistake: the API knows no other refusal than the one below.
    if (!TRY(tx.Find<TargetGroupRecord>(in.target_group_arn))) return DeleteTargetGroupOutput{};
    if (!TRY(UsersOf(tx, in.target_group_arn)).empty()) {
      return Error{Kind::kConflict, kResourceInUse,
                   fmt::format("Target group '{}' is currently in use by a listener or a rule", in.target_group_arn)};
    }
    TRY(tx.DeleteWhere<TargetRecord>("target_group_arn = ?", {store::Value(in.target_group_arn)}));
    TRY(EraseNotes(tx, in.target_group_arn));
    TRY(tx.Delete<TargetGroupRecord>(in.target_group_arn));
    return DeleteTargetGroupOutput{};
  });
}

}  // namespace meetinity::elbv2
