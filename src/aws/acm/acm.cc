#include "aws/acm/acm.h"

#include <fmt/format.h>

#include "aws/acm/errors.h"
#include "aws/acm/state.h"

namespace meetinity::acm {

Acm::Acm(store::Database& database, const store::Sealer& sealer, const ca::CertificateAuthority& authority,
         const Clock& clock)
    : database_(database), sealer_(sealer), authority_(authority), clock_(clock) {}

Acm::~Acm() = default;

std::vector<store::Migration> Acm::Migrations() { return AcmMigrations(); }

// Inside the class an operation's name is its method; the tag of the same name stands in the namespace.
#define MEETINITY_SERVE(operation) \
  host.Serve<acm::operation>([this](const Call& call, const operation##Input& in) { return operation(call, in); })

void Acm::Register(wire::ServiceHost& host) {
  MEETINITY_SERVE(ImportCertificate);
  MEETINITY_SERVE(RequestCertificate);
  MEETINITY_SERVE(DescribeCertificate);
  MEETINITY_SERVE(GetCertificate);
  MEETINITY_SERVE(ListCertificates);
  MEETINITY_SERVE(DeleteCertificate);
  MEETINITY_SERVE(AddTagsToCertificate);
  MEETINITY_SERVE(RemoveTagsFromCertificate);
  MEETINITY_SERVE(ListTagsForCertificate);
}

#undef MEETINITY_SERVE

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
  material.private_key_pem = TRY(sealer_.Open(record.sealed_key, KeyContext(record.arn)));
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
