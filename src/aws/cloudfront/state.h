#pragma once

#include <string>
#include <vector>

#include "aws/cloudfront_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"

// What CloudFront remembers. Configurations are kept as the JSON text of the model's shape, so that a member that is
// only echoed needs no column.
namespace meetinity::cloudfront {

inline constexpr std::string_view kInProgress = "InProgress";
inline constexpr std::string_view kDeployed = "Deployed";
inline constexpr std::string_view kCompleted = "Completed";

struct DistributionRecord {
  std::string id;
  std::string caller_reference;
  std::string domain_name;
  std::string e_tag;
  std::string status;
  Instant last_modified;
  int64_t change_number = 0;  // of the transaction that changed it last: deployed once the edge has adopted that
  std::string config;

  static constexpr std::string_view kTable = "cloudfront_distributions";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = DistributionRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"caller_reference", &R::caller_reference},
                      store::Column{"domain_name", &R::domain_name},
                      store::Column{"e_tag", &R::e_tag},
                      store::Column{"status", &R::status},
                      store::Column{"last_modified", &R::last_modified},
                      store::Column{"change_number", &R::change_number},
                      store::Column{"config", &R::config}};
  }
};

struct OriginAccessControlRecord {
  std::string id;
  std::string e_tag;
  std::string name;
  std::string description;
  std::string origin_type;
  std::string signing_behavior;
  std::string signing_protocol;

  static constexpr std::string_view kTable = "cloudfront_origin_access_controls";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = OriginAccessControlRecord;
    return std::tuple{store::Column{"id", &R::id},
                      store::Column{"e_tag", &R::e_tag},
                      store::Column{"name", &R::name},
                      store::Column{"description", &R::description},
                      store::Column{"origin_type", &R::origin_type},
                      store::Column{"signing_behavior", &R::signing_behavior},
                      store::Column{"signing_protocol", &R::signing_protocol}};
  }
};

struct OriginAccessIdentityRecord {
  std::string id;
  std::string e_tag;
  std::string caller_reference;
  std::string comment;
  std::string canonical_user_id;

  static constexpr std::string_view kTable = "cloudfront_origin_access_identities";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = OriginAccessIdentityRecord;
    return std::tuple{store::Column{"id", &R::id}, store::Column{"e_tag", &R::e_tag},
                      store::Column{"caller_reference", &R::caller_reference}, store::Column{"comment", &R::comment},
                      store::Column{"canonical_user_id", &R::canonical_user_id}};
  }
};

struct InvalidationRecord {
  std::string distribution_id;
  std::string id;
  std::string caller_reference;
  Instant create_time;
  int64_t number = 0;  // of its transaction: newest first
  std::string status;
  int64_t exact_paths = 0;
  int64_t wildcard_paths = 0;
  std::string paths;  // one a line; a path holds no newline

  static constexpr std::string_view kTable = "cloudfront_invalidations";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = InvalidationRecord;
    return std::tuple{store::Column{"distribution_id", &R::distribution_id},
                      store::Column{"id", &R::id},
                      store::Column{"caller_reference", &R::caller_reference},
                      store::Column{"create_time", &R::create_time},
                      store::Column{"number", &R::number},
                      store::Column{"status", &R::status},
                      store::Column{"exact_paths", &R::exact_paths},
                      store::Column{"wildcard_paths", &R::wildcard_paths},
                      store::Column{"paths", &R::paths}};
  }
};

struct TagRecord {
  std::string resource;  // ARN
  std::string key;
  std::string value;

  static constexpr std::string_view kTable = "cloudfront_tags";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    using R = TagRecord;
    return std::tuple{store::Column{"resource", &R::resource}, store::Column{"key", &R::key},
                      store::Column{"value", &R::value}};
  }
};

// That an operator wants a distribution's additional metrics, or had them and turned them off.
struct MonitoringSubscriptionRecord {
  std::string distribution_id;
  std::string status;  // RealtimeMetricsSubscriptionStatus

  static constexpr std::string_view kTable = "cloudfront_monitoring_subscriptions";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = MonitoringSubscriptionRecord;
    return std::tuple{store::Column{"distribution_id", &R::distribution_id}, store::Column{"status", &R::status}};
  }
};

std::vector<store::Migration> CloudFrontMigrations();

std::string SaveConfig(const DistributionConfig& config);
Result<DistributionConfig> LoadDistributionConfig(const DistributionRecord& record);

// "E" and 13 capitals or digits: distributions, access controls, access identities and version tags.
std::string NewId();
// "I" and 25 capitals or digits.
std::string NewInvalidationId();

Result<DistributionRecord> GetDistributionRecord(const store::ReadTx& tx, std::string_view id);

// The checks of an If-Match header: absent, then stale.
Status CheckVersion(const std::optional<std::string>& if_match, std::string_view e_tag, std::string_view what);

}  // namespace meetinity::cloudfront

extern template struct meetinity::store::RecordMapping<meetinity::cloudfront::DistributionRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::cloudfront::OriginAccessControlRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::cloudfront::OriginAccessIdentityRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::cloudfront::InvalidationRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::cloudfront::TagRecord>;
extern template struct meetinity::store::RecordMapping<meetinity::cloudfront::MonitoringSubscriptionRecord>;
