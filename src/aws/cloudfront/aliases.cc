#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "aws/cloudfront/cloudfront.h"
#include "aws/cloudfront/config_parts.h"
#include "aws/cloudfront/deployer.h"
#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/paging.h"
#include "aws/cloudfront/state.h"
#include "base/text.h"
#include "engine/ca/certificate_authority.h"

// Alternate domain names: whose they are, who may have them, and how one moves.
namespace meetinity::cloudfront {
namespace {

using Names = std::vector<std::string>;

const Names& AliasesOf(const DistributionConfig& config) {
  static const Names kNone;
  return config.aliases && config.aliases->items ? *config.aliases->items : kNone;
}

// A wildcard alias is covered by the same wildcard alone.
bool Covers(const Names& certificate, std::string_view alias) {
  const std::string name = ToLower(alias);
  if (!name.starts_with("*.")) return ca::CoversName(certificate, name);
  return std::find(certificate.begin(), certificate.end(), name) != certificate.end();
}

bool StandsFor(std::string_view wildcard, std::string_view name) {
  return wildcard.starts_with("*.") && name.size() >= wildcard.size() && name.ends_with(wildcard.substr(1));
}

// The same name, or a wildcard and what it stands for, whichever is which; both in lower case.
bool Overlap(std::string_view one, std::string_view other) {
  return one == other || StandsFor(one, other) || StandsFor(other, one);
}

// Ids of distributions and accounts are shown to those who know them already.
std::string HalfHidden(std::string_view id) {
  const size_t hidden = id.size() / 2;
  return std::string(hidden, '*').append(id.substr(hidden));
}

void SetAliases(DistributionConfig& config, Names aliases) {
  config.aliases = Aliases{};
  config.aliases->quantity = static_cast<int32_t>(aliases.size());
  if (!aliases.empty()) config.aliases->items = std::move(aliases);
}

}  // namespace

Status CloudFront::CheckAliases(const store::ReadTx& tx, const DistributionConfig& config,
                                std::string_view own_id) const {
  if (AliasesOf(config).empty()) return {};
  std::map<std::string, std::string> taken;
  for (const DistributionRecord& other : TRY(tx.Select<DistributionRecord>("1"))) {
    if (other.id == own_id) continue;
    const DistributionConfig others = TRY(LoadDistributionConfig(other));
    for (const std::string& alias : AliasesOf(others)) taken.emplace(ToLower(alias), other.id);
  }
  const acm::CertificateMaterial material = TRY(acm_.GetMaterial(*config.viewer_certificate->acm_certificate_arn));
  for (const std::string& alias : AliasesOf(config)) {
    if (const auto other = taken.find(ToLower(alias)); other != taken.end()) {
      return Error{Kind::kConflict, kCnameAlreadyExists,
                   fmt::format("{} is already an alternate domain name of distribution {}", alias, other->second)};
    }
    if (!Covers(material.dns_names, alias)) {
      return Error{Kind::kInvalid, kInvalidViewerCertificate,
                   fmt::format("the certificate covers {}, and so not the alternate domain name {}",
                               Join(material.dns_names, ", "), alias)};
    }
  }
  return {};
}

Result<std::vector<std::string>> CloudFront::CoveredNames(const DistributionConfig& config) const {
  if (!config.viewer_certificate || !IsSet(config.viewer_certificate->acm_certificate_arn)) {
    return Invalid("the distribution has no certificate of its own that could cover the alias");
  }
  return TRY(acm_.GetMaterial(*config.viewer_certificate->acm_certificate_arn)).dns_names;
}

// Both distributions change in one transaction and in one configuration, so that the name is somebody's at any time.
Result<AssociateAliasOutput> CloudFront::AssociateAlias(const Call& call, const AssociateAliasInput& in) {
  const std::string alias = ToLower(in.alias);
  edge::EdgeConfigPtr next = TRY(database_.Write([&](store::Tx& tx) -> Result<edge::EdgeConfigPtr> {
    DistributionRecord target = TRY(GetDistributionRecord(tx, in.target_distribution_id));
    DistributionConfig config = TRY(LoadDistributionConfig(target));
    Names aliases = AliasesOf(config);
    const auto is_alias = [&alias](const std::string& other) { return ToLower(other) == alias; };
    if (std::any_of(aliases.begin(), aliases.end(), is_alias)) return edge::EdgeConfigPtr();  // it is there already
    const Names covered = TRY(CoveredNames(config));
    if (!Covers(covered, alias)) {
      return Invalid(fmt::format("the certificate of {} covers {}, and so not the alias {}", target.id,
                                 Join(covered, ", "), alias.substr(0, 253)));
    }
    if (aliases.size() >= kAliasesMax) {
      return Error{Kind::kLimit, kTooManyDistributionCnames,
                   fmt::format("{} alternate domain names is the most", kAliasesMax)};
    }
    for (DistributionRecord& source : TRY(tx.Select<DistributionRecord>("id <> ?", {store::Value(target.id)}))) {
      DistributionConfig losing = TRY(LoadDistributionConfig(source));
      Names left = AliasesOf(losing);
      if (std::erase_if(left, is_alias) == 0) continue;
      SetAliases(losing, std::move(left));
      TRY(Change(tx, call, source, losing));
    }
    aliases.push_back(in.alias);
    SetAliases(config, std::move(aliases));
    TRY(Change(tx, call, target, config));
    return deployer_->BuildConfig(tx, tx.number());
  }));
  if (next) deployer_->Deploy(std::move(next));
  return AssociateAliasOutput{};
}

Result<ListConflictingAliasesOutput> CloudFront::ListConflictingAliases(const Call&,
                                                                        const ListConflictingAliasesInput& in) {
  const int32_t max_items = in.max_items.value_or(kPageItemsMax);
  if (max_items < 1) return Invalid("MaxItems is a number from 1 to 100");
  const std::string alias = ToLower(in.alias);
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListConflictingAliasesOutput> {
    const DistributionRecord own = TRY(GetDistributionRecord(tx, in.distribution_id));
    const Names covered = TRY(CoveredNames(TRY(LoadDistributionConfig(own))));
    if (!Covers(covered, alias)) {
      return Invalid(fmt::format("the certificate of {} covers {}, and so not the alias {}", own.id,
                                 Join(covered, ", "), alias.substr(0, 253)));
    }
    std::vector<ConflictingAlias> all;
    for (const DistributionRecord& other : TRY(tx.Select<DistributionRecord>("id <> ?", {store::Value(own.id)}))) {
      const DistributionConfig config = TRY(LoadDistributionConfig(other));
      for (const std::string& theirs : AliasesOf(config)) {
        if (!Overlap(alias, ToLower(theirs))) continue;
        all.push_back(
            {.account_id = HalfHidden(options_.account), .alias = theirs, .distribution_id = HalfHidden(other.id)});
      }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.alias < b.alias; });
    auto page = TakePage(std::move(all), in.marker, max_items, [](const auto& item) { return *item.alias; });
    ConflictingAliasesList list;
    FillList(list, std::move(page), max_items);
    return ListConflictingAliasesOutput{.conflicting_aliases_list = std::move(list)};
  });
}

}  // namespace meetinity::cloudfront
