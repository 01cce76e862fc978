#include "aws/cloudfront/config_book.h"

#include <fmt/format.h>

#include <utility>

#include "aws/cloudfront/policy_rules.h"

namespace meetinity::cloudfront {

using ErrorKind = meetinity::Kind;  // of errors; here Kind is a sort of configuration

template <class Kind>
auto ConfigBook<Kind>::Add(store::Tx& tx, const Config& wanted, Instant now) -> Result<Held> {
  Config config = TRY(Checked(wanted));
  const Held held{.id = Kind::NewId(), .e_tag = NewId(), .last_modified = now, .config = std::move(config)};
  TRY(CheckNameIsFree(tx, held));
  if (TRY(tx.template Count<Record>("1")) >= Kind::kMax) {
    return Error{ErrorKind::kLimit, Kind::kTooMany,
                 fmt::format("an account has {} of the kind {} at the most; delete one", Kind::kMax, Kind::kWhat)};
  }
  TRY(tx.Put(ToRecord(held)));
  return held;
}

template <class Kind>
auto ConfigBook<Kind>::Find(const store::ReadTx& tx, const std::string& id) -> Result<std::optional<Held>> {
  for (const auto& managed : Kind::Managed()) {
    if (managed.id == id) return std::optional(ToHeld(managed));
  }
  const auto record = TRY(tx.template Find<Record>(id));
  if (!record) return std::optional<Held>();
  return std::optional(TRY(ToHeld(*record)));
}

template <class Kind>
auto ConfigBook<Kind>::Get(const store::ReadTx& tx, const std::string& id) -> Result<Held> {
  std::optional<Held> held = TRY(Find(tx, id));
  if (held) return std::move(*held);
  return Error{ErrorKind::kNotFound, Kind::kNoSuch,
               fmt::format("The specified {} does not exist: {}", Kind::kWhat, id.substr(0, 64))};
}

template <class Kind>
auto ConfigBook<Kind>::Replace(store::Tx& tx, const std::string& id, const std::optional<std::string>& if_match,
                               const Config& wanted, Instant now) -> Result<Held> {
  Held held = TRY(Get(tx, id));
  if (held.is_managed) {
    return Error{ErrorKind::kInvalid, kIllegalUpdate,
                 fmt::format("a managed {} cannot be changed; create one of your own", Kind::kWhat)};
  }
  TRY(CheckVersion(if_match, held.e_tag, Kind::kWhat));
  held.config = TRY(Checked(wanted));
  held.e_tag = NewId();
  held.last_modified = now;
  TRY(CheckNameIsFree(tx, held));
  TRY(tx.Put(ToRecord(held)));
  return held;
}

template <class Kind>
auto ConfigBook<Kind>::CheckRemovable(const store::ReadTx& tx, const std::string& id,
                                      const std::optional<std::string>& if_match) -> Status {
  const Held held = TRY(Get(tx, id));
  if (held.is_managed) {
    return Error{ErrorKind::kInvalid, kIllegalDelete, fmt::format("a managed {} cannot be deleted", Kind::kWhat)};
  }
  return CheckVersion(if_match, held.e_tag, Kind::kWhat);
}

template <class Kind>
auto ConfigBook<Kind>::Remove(store::Tx& tx, const std::string& id) -> Status {
  TRY(tx.template Delete<Record>(id));
  return {};
}

template <class Kind>
auto ConfigBook<Kind>::All(const store::ReadTx& tx, const std::optional<std::string>& type)
    -> Result<std::vector<Held>> {
  std::vector<Held> all;
  if (!type || *type == "managed") {
    for (const auto& managed : Kind::Managed()) all.push_back(ToHeld(managed));
  }
  if (type && *type != "custom") return all;
  for (const Record& record : TRY(tx.template Select<Record>("1 ORDER BY id"))) {
    all.push_back(TRY(ToHeld(record)));
  }
  return all;
}

template <class Kind>
auto ConfigBook<Kind>::List(const store::ReadTx& tx, const std::optional<std::string>& type,
                            const std::optional<std::string>& marker, int32_t max_items) -> Result<Page<Held>> {
  return TakePage(TRY(All(tx, type)), marker, max_items, [](const Held& held) { return held.id; });
}

template <class Kind>
auto ConfigBook<Kind>::ConfigShape() -> const wire::Shape& {
  return *Kind::Creation::Shape().input->payload->shape;
}

template <class Kind>
auto ConfigBook<Kind>::Checked(const Config& wanted) -> Result<Config> {
  TRY(CheckQuantities(ConfigShape(), &wanted));
  TRY(CheckConfig(wanted));
  Config config = wanted;
  FillDefaults(config);
  return config;
}

template <class Kind>
auto ConfigBook<Kind>::CheckNameIsFree(const store::ReadTx& tx, const Held& held) -> Status {
  for (const Record& other : TRY(tx.template Select<Record>("name = ?", {store::Value(held.config.name)}))) {
    if (other.id == held.id) continue;
    return Error{ErrorKind::kConflict, Kind::kAlreadyExists,
                 fmt::format("a {} named {} exists already: {}", Kind::kWhat, held.config.name, other.id)};
  }
  return {};
}

template <class Kind>
auto ConfigBook<Kind>::ToRecord(const Held& held) -> Record {
  return {.id = held.id,
          .e_tag = held.e_tag,
          .name = held.config.name,
          .last_modified = held.last_modified,
          .config = wire::ToStoredForm(ConfigShape(), &held.config)};
}

template <class Kind>
auto ConfigBook<Kind>::ToHeld(const Record& record) -> Result<Held> {
  Held held{.id = record.id, .e_tag = record.e_tag, .last_modified = record.last_modified, .config = {}};
  TRY(wire::FromStoredForm(ConfigShape(), record.config, &held.config));
  return held;
}

template <class Kind>
auto ConfigBook<Kind>::ToHeld(const ManagedPolicy<Config>& managed) -> Held {
  return {.id = std::string(managed.id),
          .e_tag = std::string(kManagedETag),
          .last_modified = {},
          .config = managed.config,
          .is_managed = true};
}

template class ConfigBook<CachePolicyKind>;
template class ConfigBook<OriginRequestPolicyKind>;
template class ConfigBook<ResponseHeadersPolicyKind>;
template class ConfigBook<PublicKeyKind>;
template class ConfigBook<KeyGroupKind>;

}  // namespace meetinity::cloudfront
