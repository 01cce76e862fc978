#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aws/cloudfront/distribution_config.h"
#include "aws/cloudfront/errors.h"
#include "aws/cloudfront/managed_policies.h"
#include "aws/cloudfront/paging.h"
#include "aws/cloudfront/state.h"
#include "base/random.h"
#include "wire/stored_form.h"

// What policies, public keys and key groups have in common: a named configuration with an id and a version, of which an
// account has so many, and which its service may own. A kind says what is different:
//
//   struct CachePolicyKind {
//     using Config = CachePolicyConfig;              // CheckConfig and FillDefaults know it
//     using Creation = CreateCachePolicy;            // the operation whose body has the configuration's shape
//     static constexpr std::string_view kTable, kWhat, kNoSuch, kAlreadyExists, kTooMany;
//     static constexpr int64_t kMax;                 // of an account's own
//     static std::span<const ManagedPolicy<Config>> Managed();
//     static std::string NewId();
//   };
namespace meetinity::cloudfront {

template <class Kind>
struct NamedConfigRecord {
  std::string id;
  std::string e_tag;
  std::string name;
  Instant last_modified;
  std::string config;

  static constexpr std::string_view kTable = Kind::kTable;
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() {
    using R = NamedConfigRecord;
    return std::tuple{store::Column{"id", &R::id}, store::Column{"e_tag", &R::e_tag}, store::Column{"name", &R::name},
                      store::Column{"last_modified", &R::last_modified}, store::Column{"config", &R::config}};
  }
};

// Managed policies never change, so one version names them all.
inline constexpr std::string_view kManagedETag = "E23ZP02F085DFQ";

// Compiled once, in config_book.cc.
template <class Kind>
class ConfigBook {
 public:
  using Config = typename Kind::Config;
  using Record = NamedConfigRecord<Kind>;

  struct Held {
    std::string id;
    std::string e_tag;
    Instant last_modified;
    Config config;
    bool is_managed = false;
  };

  // A new one of the account's own; refused when the name is taken or there are as many as there may be.
  static Result<Held> Add(store::Tx& tx, const Config& wanted, Instant now);
  static Result<std::optional<Held>> Find(const store::ReadTx& tx, const std::string& id);
  static Result<Held> Get(const store::ReadTx& tx, const std::string& id);
  // The same id with another configuration and version.
  static Result<Held> Replace(store::Tx& tx, const std::string& id, const std::optional<std::string>& if_match,
                              const Config& wanted, Instant now);
  // That it exists, is the account's own and has the version named. The caller asks who uses it, then calls Remove.
  static Status CheckRemovable(const store::ReadTx& tx, const std::string& id,
                               const std::optional<std::string>& if_match);
  static Status Remove(store::Tx& tx, const std::string& id);
  // In listing order: the service's own, then the account's by id. `type` is "managed", "custom" or everything.
  static Result<std::vector<Held>> All(const store::ReadTx& tx, const std::optional<std::string>& type = {});
  static Result<Page<Held>> List(const store::ReadTx& tx, const std::optional<std::string>& type,
                                 const std::optional<std::string>& marker, int32_t max_items);

 private:
  static const wire::Shape& ConfigShape();
  static Result<Config> Checked(const Config& wanted);
  static Status CheckNameIsFree(const store::ReadTx& tx, const Held& held);
  static Record ToRecord(const Held& held);
  static Result<Held> ToHeld(const Record& record);
  static Held ToHeld(const ManagedPolicy<Config>& managed);
};

// --- the kinds. Bounds: Developer Guide, page "Quotas".

struct CachePolicyKind {
  using Config = CachePolicyConfig;
  using Creation = CreateCachePolicy;
  static constexpr std::string_view kTable = "cloudfront_cache_policies";
  static constexpr std::string_view kWhat = "cache policy";
  static constexpr std::string_view kNoSuch = kNoSuchCachePolicy;
  static constexpr std::string_view kAlreadyExists = kCachePolicyAlreadyExists;
  static constexpr std::string_view kTooMany = kTooManyCachePolicies;
  static constexpr int64_t kMax = 20;
  static std::span<const ManagedCachePolicy> Managed() { return ManagedCachePolicies(); }
  static std::string NewId() { return RandomUuid(); }
};
using CachePolicies = ConfigBook<CachePolicyKind>;

struct OriginRequestPolicyKind {
  using Config = OriginRequestPolicyConfig;
  using Creation = CreateOriginRequestPolicy;
  static constexpr std::string_view kTable = "cloudfront_origin_request_policies";
  static constexpr std::string_view kWhat = "origin request policy";
  static constexpr std::string_view kNoSuch = kNoSuchOriginRequestPolicy;
  static constexpr std::string_view kAlreadyExists = kOriginRequestPolicyAlreadyExists;
  static constexpr std::string_view kTooMany = kTooManyOriginRequestPolicies;
  static constexpr int64_t kMax = 20;
  static std::span<const ManagedOriginRequestPolicy> Managed() { return ManagedOriginRequestPolicies(); }
  static std::string NewId() { return RandomUuid(); }
};
using OriginRequestPolicies = ConfigBook<OriginRequestPolicyKind>;

struct ResponseHeadersPolicyKind {
  using Config = ResponseHeadersPolicyConfig;
  using Creation = CreateResponseHeadersPolicy;
  static constexpr std::string_view kTable = "cloudfront_response_headers_policies";
  static constexpr std::string_view kWhat = "response headers policy";
  static constexpr std::string_view kNoSuch = kNoSuchResponseHeadersPolicy;
  static constexpr std::string_view kAlreadyExists = kResponseHeadersPolicyAlreadyExists;
  static constexpr std::string_view kTooMany = kTooManyResponseHeadersPolicies;
  static constexpr int64_t kMax = 20;
  static std::span<const ManagedResponseHeadersPolicy> Managed() { return ManagedResponseHeadersPolicies(); }
  static std::string NewId() { return RandomUuid(); }
};
using ResponseHeadersPolicies = ConfigBook<ResponseHeadersPolicyKind>;

struct PublicKeyKind {
  using Config = PublicKeyConfig;
  using Creation = CreatePublicKey;
  static constexpr std::string_view kTable = "cloudfront_public_keys";
  static constexpr std::string_view kWhat = "public key";
  static constexpr std::string_view kNoSuch = kNoSuchPublicKey;
  static constexpr std::string_view kAlreadyExists = kPublicKeyAlreadyExists;
  static constexpr std::string_view kTooMany = kTooManyPublicKeys;
  static constexpr int64_t kMax = 10;
  static std::span<const ManagedPolicy<Config>> Managed() { return {}; }
  static std::string NewId() { return "K" + RandomText(13, kUpperAlphanumeric); }
};
using PublicKeys = ConfigBook<PublicKeyKind>;

struct KeyGroupKind {
  using Config = KeyGroupConfig;
  using Creation = CreateKeyGroup;
  static constexpr std::string_view kTable = "cloudfront_key_groups";
  static constexpr std::string_view kWhat = "key group";
  static constexpr std::string_view kNoSuch = kNoSuchResource;
  static constexpr std::string_view kAlreadyExists = kKeyGroupAlreadyExists;
  static constexpr std::string_view kTooMany = kTooManyKeyGroups;
  static constexpr int64_t kMax = 10;
  static std::span<const ManagedPolicy<Config>> Managed() { return {}; }
  static std::string NewId() { return RandomUuid(); }
};
using KeyGroups = ConfigBook<KeyGroupKind>;

extern template class ConfigBook<CachePolicyKind>;
extern template class ConfigBook<OriginRequestPolicyKind>;
extern template class ConfigBook<ResponseHeadersPolicyKind>;
extern template class ConfigBook<PublicKeyKind>;
extern template class ConfigBook<KeyGroupKind>;

}  // namespace meetinity::cloudfront
