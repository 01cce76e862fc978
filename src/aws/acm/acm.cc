#include "aws/acm/acm.h"

#include <fmt/format.h>

#include <type_traits>

#include "aws/acm/errors.h"
#include "aws/acm/state.h"

namespace meetinity::acm {

namespace {

// Of the operations that name no certificate, importing and requesting are about all that are to be; listing and those
// about the account have no resource (Service Authorization Reference, "Actions defined by AWS Certificate Manager").
template <class In>
std::string ResourceOf(const wire::Call& call, const In& in) {
  if constexpr (requires { in.certificate_arn.value(); }) {
    if (in.certificate_arn) return *in.certificate_arn;
  } else if constexpr (requires { in.certificate_arn; }) {
    return in.certificate_arn;
  }
  if constexpr (std::is_same_v<In, ListCertificatesInput> || std::is_same_v<In, GetAccountConfigurationInput> ||
                std::is_same_v<In, PutAccountConfigurationInput>) {
    return "*";
  }
  return fmt::format("arn:aws:acm:{}:{}:certificate/*", call.scope_region, call.account);
}

template <class In>
const std::vector<Tag>* TagsOf(const In& in) {
  if constexpr (requires { in.tags.value(); }) {
    return in.tags ? &*in.tags : nullptr;
  } else if constexpr (requires { in.tags; }) {
    return &in.tags;
  } else {
    return nullptr;
  }
}

}  // namespace

Acm::Acm(store::Database& database, const store::Sealer& sealer, const ca::CertificateAuthority& authority,
         const Clock& clock)
    : database_(database), sealer_(sealer), authority_(authority), clock_(clock) {}

Acm::~Acm() = default;

std::vector<store::Migration> Acm::Migrations() { return AcmMigrations(); }

// Inside the class an operation's name is its method; the tag of the same name stands in the namespace.
#define MEETINITY_SERVE(operation)                                                                                  \
  host.Serve<acm::operation>([this](const Call& call, const operation##Input& in) { return operation(call, in); }); \
  host.Require<acm::operation>([this](const Call& call, const operation##Input& in) {                               \
    return PermissionsFor(ResourceOf(call, in), TagsOf(in));                                                        \
  })

void Acm::Register(wire::ServiceHost& host) {
  MEETINITY_SERVE(ImportCertificate);
  MEETINITY_SERVE(RequestCertificate);
  MEETINITY_SERVE(DescribeCertificate);
  MEETINITY_SERVE(GetCertificate);
  MEETINITY_SERVE(ListCertificates);
  MEETINITY_SERVE(UpdateCertificateOptions);
  MEETINITY_SERVE(RenewCertificate);
  MEETINITY_SERVE(ExportCertificate);
  MEETINITY_SERVE(ResendValidationEmail);
  MEETINITY_SERVE(GetAccountConfiguration);
  MEETINITY_SERVE(PutAccountConfiguration);
  MEETINITY_SERVE(DeleteCertificate);
  MEETINITY_SERVE(AddTagsToCertificate);
  MEETINITY_SERVE(RemoveTagsFromCertificate);
  MEETINITY_SERVE(ListTagsForCertificate);
}

#undef MEETINITY_SERVE

Result<wire::Permissions> Acm::PermissionsFor(const std::string& arn, const std::vector<Tag>* tags) const {
  wire::Permission permission{"", arn, {}};
  if (tags != nullptr) wire::AddRequestTags(*tags, permission.keys);
  const auto stored =
      TRY(database_.Read([&](const store::ReadTx& tx) { return tx.Select<CertificateTagRecord>("arn = ?", {arn}); }));
  for (const CertificateTagRecord& tag : stored) permission.keys["aws:ResourceTag/" + tag.key] = {tag.value};
  return wire::Permissions{std::move(permission)};
}

void Acm::OnReplaced(std::function<void(const std::string& certificate_arn)> replaced) {
  replaced_ = std::move(replaced);
}

void Acm::Replaced(const std::string& certificate_arn) const {
  if (replaced_) replaced_(certificate_arn);
}

Result<CertificateMaterial> Acm::GetMaterial(std::string_view certificate_arn) const {
  const CertificateRecord record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return GetRecord(tx, certificate_arn); }));
  CertificateMaterial material;
  material.arn = record.arn;
  material.region = record.region;
  material.status = StatusOf(record, clock_.Now());
  material.certificate_pem = record.certificate_pem;
  material.chain_pem = record.chain_pem;
  if (record.is_issued()) material.private_key_pem = TRY(sealer_.Open(record.sealed_key, KeyContext(record.arn)));
  material.dns_names = NamesOf(record);
  material.key_algorithm = record.key_algorithm;
  material.not_before = record.not_before;
  material.not_after = record.not_after;
  return material;
}

Status Acm::MarkInUse(store::Tx& tx, std::string_view certificate_arn, std::string_view by_arn) {
  TRY(GetRecord(tx, certificate_arn));
  return tx.Put(CertificateUseRecord{std::string(certificate_arn), std::string(by_arn)});
}

Status Acm::Release(store::Tx& tx, std::string_view certificate_arn, std::string_view by_arn) {
  TRY(tx.Delete<CertificateUseRecord>(std::string(certificate_arn), std::string(by_arn)));
  return {};
}

Result<AddTagsToCertificateOutput> Acm::AddTagsToCertificate(const Call&, const AddTagsToCertificateInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(GetRecord(tx, in.certificate_arn));
    return PutTags(tx, in.certificate_arn, in.tags);
  }));
  return AddTagsToCertificateOutput{};
}

Result<RemoveTagsFromCertificateOutput> Acm::RemoveTagsFromCertificate(const Call&,
                                                                       const RemoveTagsFromCertificateInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    TRY(GetRecord(tx, in.certificate_arn));
    for (const Tag& tag : in.tags) {
      const auto present = TRY(tx.Find<CertificateTagRecord>(in.certificate_arn, tag.key));
      // With a value, only that very pair is removed.
      if (!present || (tag.value && *tag.value != present->value)) continue;
      TRY(tx.Delete<CertificateTagRecord>(in.certificate_arn, tag.key));
    }
    return {};
  }));
  return RemoveTagsFromCertificateOutput{};
}

Result<ListTagsForCertificateOutput> Acm::ListTagsForCertificate(const Call&,
                                                                 const ListTagsForCertificateInput& in) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListTagsForCertificateOutput> {
    TRY(GetRecord(tx, in.certificate_arn));
    std::vector<Tag> tags;
    for (auto& record :
         TRY(tx.Select<CertificateTagRecord>("arn = ? ORDER BY key", {store::Value(in.certificate_arn)}))) {
      tags.push_back({.key = std::move(record.key), .value = std::move(record.value)});
    }
    return ListTagsForCertificateOutput{.tags = std::move(tags)};
  });
}

}  // namespace meetinity::acm
