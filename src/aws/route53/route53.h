#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/ec2/ec2.h"
#include "aws/route53/change_batch.h"
#include "aws/route53/state.h"
#include "aws/route53_model.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "engine/dns/zone.h"
#include "store/database.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::route53 {

struct Route53Options {
  std::string account = "123456789012";
  std::vector<AliasZone> alias_zones;    // which aliases may point to besides records of their own zone
  dns::AliasResolver resolve_alias;      // where those targets are
  std::vector<dns::ZonePtr> more_zones;  // served besides, behind all of Route 53's
};

// Route 53: hosted zones, public and private, and their records with simple routing. What a change says is handed to
// name servers after its commit, and it is in sync when they answer by it. Thread-safe; handlers run on workers.
//
// One machine has one view: of zones of the same name a private one is served, as within its VPC, and then the oldest.
class Route53 {
 public:
  Route53(store::Database& database, const ec2::Ec2& ec2, const Clock& clock, Route53Options options);
  ~Route53();

  static std::vector<store::Migration> Migrations();
  void Register(wire::ServiceHost& host);

  // Takes complete sets of zones, numbered in the order of their commits, and calls `adopted` when all servers have
  // one. Without it every change is in sync at once: nobody lags behind. Before the first call is served.
  using Publish = std::function<void(dns::ZoneSetPtr zones, uint64_t number, std::function<void()> adopted)>;
  void OnPublish(Publish publish) { publish_ = std::move(publish); }
  // Publishes what the store says: at start, and after the store was replaced.
  Status Restore();

  // Whether one of the public zones is responsible for the name, and has no CNAME of that value there.
  Result<bool> LacksCname(const store::ReadTx& tx, std::string_view name, std::string_view value) const;

  using Call = wire::Call;
  Result<CreateHostedZoneOutput> CreateHostedZone(const Call& call, const CreateHostedZoneInput& in);
  Result<GetHostedZoneOutput> GetHostedZone(const Call& call, const GetHostedZoneInput& in) const;
  Result<ListHostedZonesOutput> ListHostedZones(const Call& call, const ListHostedZonesInput& in) const;
  Result<ListHostedZonesByNameOutput> ListHostedZonesByName(const Call& call,
                                                            const ListHostedZonesByNameInput& in) const;
  Result<ListHostedZonesByVPCOutput> ListHostedZonesByVPC(const Call& call, const ListHostedZonesByVPCInput& in) const;
  Result<DeleteHostedZoneOutput> DeleteHostedZone(const Call& call, const DeleteHostedZoneInput& in);
  Result<UpdateHostedZoneCommentOutput> UpdateHostedZoneComment(const Call& call,
                                                                const UpdateHostedZoneCommentInput& in);
  Result<GetHostedZoneCountOutput> GetHostedZoneCount(const Call& call, const GetHostedZoneCountInput& in) const;
  Result<GetDNSSECOutput> GetDNSSEC(const Call& call, const GetDNSSECInput& in) const;

  Result<ChangeResourceRecordSetsOutput> ChangeResourceRecordSets(const Call& call,
                                                                  const ChangeResourceRecordSetsInput& in);
  Result<ListResourceRecordSetsOutput> ListResourceRecordSets(const Call& call,
                                                              const ListResourceRecordSetsInput& in) const;
  Result<GetChangeOutput> GetChange(const Call& call, const GetChangeInput& in) const;

  Result<AssociateVPCWithHostedZoneOutput> AssociateVPCWithHostedZone(const Call& call,
                                                                      const AssociateVPCWithHostedZoneInput& in);
  Result<DisassociateVPCFromHostedZoneOutput> DisassociateVPCFromHostedZone(
      const Call& call, const DisassociateVPCFromHostedZoneInput& in);

  Result<ChangeTagsForResourceOutput> ChangeTagsForResource(const Call& call, const ChangeTagsForResourceInput& in);
  Result<ListTagsForResourceOutput> ListTagsForResource(const Call& call, const ListTagsForResourceInput& in) const;
  Result<ListTagsForResourcesOutput> ListTagsForResources(const Call& call, const ListTagsForResourcesInput& in) const;

 private:
  // By what decides which of several zones of one name is served.
  using Zones = std::map<std::string, dns::ZonePtr>;

  // Within a change's transaction: notes it, and what follows its commit.
  Result<ChangeRecord> NoteChange(store::Tx& tx, const Call& call, const std::string& zone_id, std::string comment);
  Status Serve(store::Tx& tx, const ZoneRecord& zone, const RecordSets& sets);
  void StopServing(store::Tx& tx, const ZoneRecord& zone);
  void PublishZones(const Zones& zones, uint64_t number) const;

  ChangeInfo ToInfo(const ChangeRecord& record) const;
  Status CheckVpc(const store::ReadTx& tx, const VPC& vpc) const;
  // Adds the VPC to the zone, unless another zone of that name serves it.
  Status Associate(store::Tx& tx, const ZoneRecord& zone, const VPC& vpc);

  store::Database& database_;
  const ec2::Ec2& ec2_;
  const Clock& clock_;
  const Route53Options options_;
  Publish publish_;
  Guarded<Zones> zones_;
  // The newest set that all servers have; shared with what they call when they do.
  const std::shared_ptr<std::atomic<uint64_t>> adopted_ = std::make_shared<std::atomic<uint64_t>>(0);
};

}  // namespace meetinity::route53
