#include <fmt/format.h>

#include <algorithm>

#include "aws/acm/acm.h"
#include "aws/acm/errors.h"
#include "aws/acm/state.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"

// Reading certificates back, and deleting them.
namespace meetinity::acm {
namespace {

// ACM API, ListCertificates.
constexpr int32_t kPageItemsMax = 1'000;

Result<std::vector<std::string>> UsersOf(const store::ReadTx& tx, const std::string& arn) {
  std::vector<std::string> users;
  for (auto& use : TRY(tx.Select<CertificateUseRecord>("arn = ? ORDER BY by_arn", {store::Value(arn)}))) {
    users.push_back(std::move(use.by_arn));
  }
  return users;
}

// RFC 5280's key usage bits, in the order of the model's names.
std::vector<KeyUsage> ToKeyUsages(uint32_t bits) {
  struct Named {
    uint32_t bit;
    std::string_view name;
  };
  // X.509 numbers its bits from the left of the first byte; the ninth begins the second.
  static constexpr Named kUsages[] = {
      {0x0080, KeyUsageName::kDigitalSignature}, {0x0040, KeyUsageName::kNonRepudiation},
      {0x0020, KeyUsageName::kKeyEncipherment},  {0x0010, KeyUsageName::kDataEncipherment},
      {0x0008, KeyUsageName::kKeyAgreement},     {0x0004, KeyUsageName::kCertificateSigning},
      {0x0002, KeyUsageName::kCrlSigning},       {0x0001, KeyUsageName::kEncipherOnly},
      {0x8000, KeyUsageName::kDecipherOnly}};
  constexpr uint32_t kNoExtension = 0xffffffff;
  std::vector<KeyUsage> usages;
  if (bits == kNoExtension) return {KeyUsage{.name = std::string(KeyUsageName::kAny)}};
  for (const Named& usage : kUsages) {
    if ((bits & usage.bit) != 0) usages.push_back({.name = std::string(usage.name)});
  }
  return usages;
}

std::vector<ExtendedKeyUsage> ToExtendedKeyUsages(const std::vector<std::string>& oids) {
  struct Named {
    std::string_view oid, name;
  };
  static constexpr Named kUsages[] = {{"1.3.6.1.5.5.7.3.1", ExtendedKeyUsageName::kTlsWebServerAuthentication},
                                      {"1.3.6.1.5.5.7.3.2", ExtendedKeyUsageName::kTlsWebClientAuthentication},
                                      {"1.3.6.1.5.5.7.3.3", ExtendedKeyUsageName::kCodeSigning},
                                      {"1.3.6.1.5.5.7.3.4", ExtendedKeyUsageName::kEmailProtection},
                                      {"1.3.6.1.5.5.7.3.8", ExtendedKeyUsageName::kTimeStamping},
                                      {"1.3.6.1.5.5.7.3.9", ExtendedKeyUsageName::kOcspSigning},
                                      {"2.5.29.37.0", ExtendedKeyUsageName::kAny}};
  std::vector<ExtendedKeyUsage> usages;
  for (const std::string& oid : oids) {
    const auto* known =
        std::find_if(std::begin(kUsages), std::end(kUsages), [&](const Named& usage) { return usage.oid == oid; });
    const std::string_view name = known == std::end(kUsages) ? ExtendedKeyUsageName::kCustom : known->name;
    usages.push_back({.name = std::string(name), .oid = oid});
  }
  return usages;
}

// What is used by nobody is not worth renewing, unless somebody outside has it (ACM User Guide, page "Managed
// certificate renewal in AWS Certificate Manager").
std::string_view EligibilityOf(const CertificateRecord& record, bool in_use) {
  const bool is_own = record.type == CertificateType::kAmazonIssued;
  return is_own && (in_use || record.exported_at) ? RenewalEligibility::kEligible : RenewalEligibility::kIneligible;
}

// A renewal keeps the ARN and when it was made; the certificate then begins later than that, which none does at first,
// because the authority dates certificates back a little.
std::optional<Instant> RenewedAt(const CertificateRecord& record) {
  const bool is_own = record.type == CertificateType::kAmazonIssued && record.is_issued();
  if (!is_own || record.not_before <= record.issued_at.value_or(record.created_at)) return std::nullopt;
  return record.not_before;
}

// What the certificate itself says.
void TellContents(const CertificateRecord& record, const ca::CertificateFacts& facts, CertificateDetail& detail) {
  detail.serial = record.serial;
  detail.subject = record.subject;
  detail.issuer = record.issuer;
  detail.not_before = record.not_before;
  detail.not_after = record.not_after;
  detail.signature_algorithm = record.signature_algorithm;
  detail.key_usages = ToKeyUsages(facts.key_usage);
  detail.extended_key_usages = ToExtendedKeyUsages(facts.extended_key_usage_oids);
}

// A name counts as validated when the certificate is issued, and not before, so that whoever waits for the one may use
// the other.
std::vector<DomainValidation> ToValidations(const CertificateRecord& record, Instant now) {
  std::vector<DomainValidation> validations;
  for (const std::string& name : NamesOf(record)) {
    DomainValidation validation;
    validation.domain_name = name;
    validation.validation_domain = name;
    validation.validation_status = DomainStatus::kSuccess;
    if (!record.is_issued()) {
      validation.validation_status = StatusOf(record, now) == CertificateStatus::kPendingValidation
                                         ? DomainStatus::kPendingValidation
                                         : DomainStatus::kFailed;
    }
    validation.validation_method = record.validation_method;
    if (record.validation_method == ValidationMethod::kDns) {
      validation.resource_record = ValidationRecordOf(record, name);
    }
    validations.push_back(std::move(validation));
  }
  return validations;
}

void AddName(std::optional<std::vector<std::string>>& names, const std::optional<std::string>& name) {
  if (!names) names.emplace();
  if (name) names->push_back(*name);
}

Result<CertificateSummary> ToSummary(const CertificateRecord& record, bool in_use, Instant now) {
  const bool imported = record.type == CertificateType::kImported;
  CertificateSummary summary;
  summary.certificate_arn = record.arn;
  summary.domain_name = record.domain_name;
  summary.subject_alternative_name_summaries = NamesOf(record);
  summary.has_additional_subject_alternative_names = false;
  summary.status = StatusOf(record, now);
  summary.type = record.type;
  summary.key_algorithm = record.key_algorithm;
  summary.in_use = in_use;
  summary.export_option = record.export_option;
  summary.exported = record.exported_at.has_value();
  summary.renewal_eligibility = EligibilityOf(record, in_use);
  summary.created_at = record.created_at;
  if (!record.is_issued()) return summary;
  const ca::CertificateFacts facts = TRY(ca::ReadCertificate(record.certificate_pem));
  for (const KeyUsage& usage : ToKeyUsages(facts.key_usage)) AddName(summary.key_usages, usage.name);
  for (const ExtendedKeyUsage& usage : ToExtendedKeyUsages(facts.extended_key_usage_oids)) {
    AddName(summary.extended_key_usages, usage.name);
  }
  summary.not_before = record.not_before;
  summary.not_after = record.not_after;
  (imported ? summary.imported_at : summary.issued_at) = record.issued_at.value_or(record.created_at);
  return summary;
}

bool Holds(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool HasStatus(const CertificateRecord& record, const ListCertificatesInput& in, Instant now) {
  return !in.certificate_statuses || in.certificate_statuses->empty() ||
         Holds(*in.certificate_statuses, StatusOf(record, now));
}

// Whether `held` has one of the names that `wanted` asks for, if any.
template <class Usage>
bool HasUsage(const std::optional<std::vector<std::string>>& wanted, const std::vector<Usage>& held) {
  if (!wanted || wanted->empty()) return true;
  return std::any_of(held.begin(), held.end(),
                     [&](const Usage& usage) { return usage.name && Holds(*wanted, *usage.name); });
}

// Whether the filters let a certificate through. Without key types, ACM lists RSA-1024 and RSA-2048 alone (ACM API,
// Filters); the local authority's elliptic curves would then never be seen, so all are listed here.
bool Passes(const CertificateRecord& record, const Filters& filters) {
  if (filters.key_types && !filters.key_types->empty() && !Holds(*filters.key_types, record.key_algorithm)) {
    return false;
  }
  if (filters.export_option && *filters.export_option != record.export_option) return false;
  if (filters.managed_by) return false;  // certificates that CloudFront asks for itself: there are none
  const bool asks_usage = (filters.key_usage && !filters.key_usage->empty()) ||
                          (filters.extended_key_usage && !filters.extended_key_usage->empty());
  if (!asks_usage) return true;
  const auto facts = ca::ReadCertificate(record.certificate_pem);
  return facts.ok() && HasUsage(filters.key_usage, ToKeyUsages(facts->key_usage)) &&
         HasUsage(filters.extended_key_usage, ToExtendedKeyUsages(facts->extended_key_usage_oids));
}

void Sort(std::vector<CertificateRecord>& records, const ListCertificatesInput& in) {
  if (!in.sort_by) return;
  const bool descending = in.sort_order == SortOrder::kDescending;
  std::stable_sort(records.begin(), records.end(), [&](const CertificateRecord& a, const CertificateRecord& b) {
    return descending ? b.created_at < a.created_at : a.created_at < b.created_at;
  });
}

// A token names the first certificate of its page. One that is gone by now begins nothing.
Result<size_t> PageBegin(const std::vector<CertificateRecord>& records, const std::optional<std::string>& token) {
  if (!token) return size_t{0};
  const auto first = std::find_if(records.begin(), records.end(),
                                  [&](const CertificateRecord& record) { return record.arn == *token; });
  if (first == records.end()) {
    return Error{Kind::kInvalid, kInvalidArgs, "NextToken is not of this list, or its certificate is gone; list anew."};
  }
  return static_cast<size_t>(first - records.begin());
}

}  // namespace

Result<CertificateDetail> Acm::DetailOf(const store::ReadTx& tx, const CertificateRecord& record, Instant now) const {
  const bool imported = record.type == CertificateType::kImported;
  CertificateDetail detail;
  detail.certificate_arn = record.arn;
  detail.domain_name = record.domain_name;
  detail.subject_alternative_names = NamesOf(record);
  detail.created_at = record.created_at;
  detail.status = StatusOf(record, now);
  detail.key_algorithm = record.key_algorithm;
  detail.type = record.type;
  detail.in_use_by = TRY(UsersOf(tx, record.arn));
  detail.renewal_eligibility = EligibilityOf(record, !detail.in_use_by->empty());
  detail.options = CertificateOptions{.certificate_transparency_logging_preference = record.transparency,
                                      .export_ = record.export_option};
  if (!imported) detail.domain_validation_options = ToValidations(record, now);
  if (!record.is_issued()) return detail;
  (imported ? detail.imported_at : detail.issued_at) = record.issued_at.value_or(record.created_at);
  TellContents(record, TRY(ca::ReadCertificate(record.certificate_pem)), detail);
  if (const auto renewed = RenewedAt(record)) {
    detail.renewal_summary = RenewalSummary{.domain_validation_options = *detail.domain_validation_options,
                                            .renewal_status = std::string(RenewalStatus::kSuccess),
                                            .updated_at = *renewed};
  }
  return detail;
}

Result<DescribeCertificateOutput> Acm::DescribeCertificate(const Call& call, const DescribeCertificateInput& in) const {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeCertificateOutput> {
    const CertificateRecord record = TRY(GetRecord(tx, in.certificate_arn));
    return DescribeCertificateOutput{.certificate = TRY(DetailOf(tx, record, call.now))};
  });
}

Result<GetCertificateOutput> Acm::GetCertificate(const Call&, const GetCertificateInput& in) const {
  const CertificateRecord record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return GetRecord(tx, in.certificate_arn); }));
  TRY(CheckIssued(record));
  GetCertificateOutput out;
  out.certificate = record.certificate_pem;
  if (!record.chain_pem.empty()) out.certificate_chain = record.chain_pem;
  return out;
}

Result<ListCertificatesOutput> Acm::ListCertificates(const Call& call, const ListCertificatesInput& in) const {
  const auto max_items = static_cast<size_t>(std::clamp(in.max_items.value_or(kPageItemsMax), 1, kPageItemsMax));
  const std::string& region = call.scope_region.empty() ? call.region : call.scope_region;
  return database_.Read([&](const store::ReadTx& tx) -> Result<ListCertificatesOutput> {
    // An account has few certificates, so they are sorted and cut in memory.
    auto records = TRY(tx.Select<CertificateRecord>("region = ? ORDER BY arn", {store::Value(region)}));
    std::erase_if(records, [&](const CertificateRecord& record) {
      return !HasStatus(record, in, call.now) || (in.includes && !Passes(record, *in.includes));
    });
    Sort(records, in);
    const size_t begin = TRY(PageBegin(records, in.next_token));
    const size_t end = std::min(records.size(), begin + max_items);
    ListCertificatesOutput output;
    output.certificate_summary_list.emplace();
    for (size_t i = begin; i < end; ++i) {
      const bool in_use = !TRY(UsersOf(tx, records[i].arn)).empty();
      output.certificate_summary_list->push_back(TRY(ToSummary(records[i], in_use, call.now)));
    }
    if (end < records.size()) output.next_token = records[end].arn;
    return output;
  });
}

Result<DeleteCertificateOutput> Acm::DeleteCertificate(const Call&, const DeleteCertificateInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    const CertificateRecord record = TRY(GetRecord(tx, in.certificate_arn));
    const std::vector<std::string> users = TRY(UsersOf(tx, record.arn));
    if (!users.empty()) {
      return Error{Kind::kConflict, kResourceInUse,
                   fmt::format("Certificate {} is in use by {}.", record.arn, Join(users, ", "))};
    }
    TRY(tx.DeleteWhere<CertificateTagRecord>("arn = ?", {store::Value(record.arn)}));
    TRY(tx.Delete<CertificateRecord>(record.arn));
    return {};
  }));
  return DeleteCertificateOutput{};
}

}  // namespace meetinity::acm
