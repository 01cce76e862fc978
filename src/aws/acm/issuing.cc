#include <fmt/format.h>

#include <algorithm>

#include "aws/acm/acm.h"
#include "aws/acm/errors.h"
#include "aws/acm/state.h"
#include "base/arn.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"

// Where certificates come from: imported, requested of the local authority, and renewed by it.
namespace meetinity::acm {
namespace {

// As ACM's own certificates; 13 months.
constexpr Duration kIssuedLifetime = 395 * kDay;
// ACM User Guide, page "Managed certificate renewal in AWS Certificate Manager".
constexpr Duration kRenewalWindow = 60 * kDay;
// ACM User Guide, page "Quotas".
constexpr size_t kNamesMax = 100;
constexpr int64_t kCertificatesMax = 2'500;

std::string NewArn(const wire::Call& call) {
  const std::string& region = call.scope_region.empty() ? call.region : call.scope_region;
  return fmt::format("arn:aws:acm:{}:{}:certificate/{}", region, call.account, RandomUuid());
}

// "RSA-2048" as the model has it, "RSA_2048".
std::string ToModelAlgorithm(std::string algorithm) {
  std::replace(algorithm.begin(), algorithm.end(), '-', '_');
  return algorithm;
}

// "0a1b2c" as ACM shows it, "0a:1b:2c".
std::string WithColons(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2) {
    if (i > 0) out += ':';
    out += ToLower(hex.substr(i, 2));
  }
  return out;
}

// Fills in what the certificate itself says.
Status Adopt(CertificateRecord& record, std::string_view pem) {
  const ca::CertificateFacts facts = TRY(ca::ReadCertificate(pem));
  const std::string algorithm = ToModelAlgorithm(facts.key_algorithm);
  if (std::find(KeyAlgorithm::kValues.begin(), KeyAlgorithm::kValues.end(), algorithm) == KeyAlgorithm::kValues.end()) {
    return Invalid(fmt::format("ACM does not take keys of the kind {}.", facts.key_algorithm));
  }
  record.domain_name = facts.dns_names.empty() ? facts.subject_common_name : facts.dns_names.front();
  record.names = Join(facts.dns_names, "\n");
  record.certificate_pem = std::string(pem);
  record.key_algorithm = algorithm;
  record.signature_algorithm = facts.signature_algorithm;
  record.serial = WithColons(facts.serial_hex);
  record.subject = facts.subject;
  record.issuer = facts.issuer;
  record.not_before = facts.not_before;
  record.not_after = facts.not_after;
  return {};
}

Status CheckRoom(const store::ReadTx& tx) {
  if (TRY(tx.Count<CertificateRecord>("1")) < kCertificatesMax) return {};
  return Error{Kind::kLimit, kLimitExceeded,
               fmt::format("an account has {} certificates at the most; delete one", kCertificatesMax)};
}

// A label of letters, digits and hyphens at a time; '*' as the whole first one.
bool IsDomainName(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > 253) return false;
  const std::vector<std::string_view> labels = Split(name, '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && !label.starts_with('-') && !label.ends_with('-') &&
           std::all_of(label.begin(), label.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
  });
}

// The domain name first, then the others, each once.
Result<std::vector<std::string>> WantedNames(const RequestCertificateInput& in) {
  std::vector<std::string> names = {ToLower(in.domain_name)};
  for (const std::string& name : in.subject_alternative_names.value_or(std::vector<std::string>())) {
    const std::string lower = ToLower(name);
    if (std::find(names.begin(), names.end(), lower) == names.end()) names.push_back(lower);
  }
  if (names.size() > kNamesMax) {
    return Error{Kind::kLimit, kLimitExceeded, fmt::format("a certificate has {} names at the most", kNamesMax)};
  }
  for (const std::string& name : names) {
    if (!IsDomainName(name)) {
      return Error{Kind::kInvalid, kInvalidDomainValidationOptions,
                   fmt::format("'{}' is not a domain name", name.substr(0, 253))};
    }
  }
  return names;
}

// What ACM itself issues (ACM API, RequestCertificate); the others can be imported only.
constexpr std::string_view kIssuedAlgorithms[] = {KeyAlgorithm::kRsa2048, KeyAlgorithm::kECPrime256v1,
                                                  KeyAlgorithm::kECSecp384r1};

// "RSA_2048" as the authority has it, "RSA-2048".
std::string ToAuthorityAlgorithm(std::string algorithm) {
  std::replace(algorithm.begin(), algorithm.end(), '_', '-');
  return algorithm;
}

Status CheckRequest(const RequestCertificateInput& in) {
  const auto refused = [](std::string why) { return Error{Kind::kInvalid, kInvalidParameter, std::move(why)}; };
  if (in.certificate_authority_arn) return refused("Private certificate authorities are not served.");
  if (!in.key_algorithm || std::find(std::begin(kIssuedAlgorithms), std::end(kIssuedAlgorithms), *in.key_algorithm) !=
                               std::end(kIssuedAlgorithms)) {
    return {};
  }
  return refused(
      fmt::format("{} certificates are not issued; RSA_2048, EC_prime256v1 and EC_secp384r1 are.", *in.key_algorithm));
}

// The certificate that an earlier request with the same token and names made.
Result<std::optional<CertificateRecord>> FindEarlier(const store::ReadTx& tx, const CertificateRecord& wanted) {
  if (wanted.idempotency_token.empty()) return std::optional<CertificateRecord>();
  auto earlier =
      TRY(tx.Select<CertificateRecord>("idempotency_token = ? AND names = ? AND region = ? AND created_at > ?",
                                       {wanted.idempotency_token, wanted.names, wanted.region,
                                        store::Value((wanted.created_at - kIdempotencyWindow).since_epoch().count())}));
  if (earlier.empty()) return std::optional<CertificateRecord>();
  return std::optional(std::move(earlier.front()));
}

}  // namespace

Result<ImportCertificateOutput> Acm::ImportCertificate(const Call& call, const ImportCertificateInput& in) {
  const std::string chain = in.certificate_chain.value_or("");
  CertificateRecord record;
  const Status adopted = Adopt(record, in.certificate);
  if (!adopted.ok())
    return Invalid(fmt::format("The certificate field contains no valid PEM certificate: {}", adopted.error().detail));
  const Status matching = ca::CheckKeyPair(in.certificate, in.private_key, chain);
  if (!matching.ok()) return Invalid(matching.error().detail);
  if (call.now >= record.not_after) return Invalid("The certificate has expired.");
  if (call.now < record.not_before) return Invalid("The certificate is not valid yet.");
  record.type = CertificateType::kImported;
  record.chain_pem = chain;
  record.created_at = call.now;
  record.transparency = CertificateTransparencyLoggingPreference::kDisabled;
  record.export_option = CertificateExport::kDisabled;
  record.arn = in.certificate_arn ? *in.certificate_arn : NewArn(call);
  record.region = TRY(Arn::Parse(record.arn)).region;
  record.sealed_key = TRY(sealer_.Seal(in.private_key, KeyContext(record.arn)));
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    if (in.certificate_arn) {
      const CertificateRecord earlier = TRY(GetRecord(tx, record.arn));
      if (earlier.type != CertificateType::kImported) {
        return Invalid("only an imported certificate can be imported again");
      }
      if (in.tags && !in.tags->empty()) return Invalid("tags are given at the first import; use AddTagsToCertificate");
    } else {
      TRY(CheckRoom(tx));
      TRY(PutTags(tx, record.arn, in.tags.value_or(std::vector<Tag>())));
    }
    return tx.Put(record);
  }));
  if (in.certificate_arn) Replaced(record.arn);
  return ImportCertificateOutput{.certificate_arn = record.arn};
}

Result<RequestCertificateOutput> Acm::RequestCertificate(const Call& call, const RequestCertificateInput& in) {
  TRY(CheckRequest(in));
  const std::vector<std::string> names = TRY(WantedNames(in));
  CertificateRecord record;
  record.arn = NewArn(call);
  record.region = TRY(Arn::Parse(record.arn)).region;
  record.names = Join(names, "\n");
  record.idempotency_token = in.idempotency_token.value_or("");
  record.created_at = call.now;
  // Before the costly part, and again in the transaction that decides.
  if (auto earlier = TRY(database_.Read([&](const store::ReadTx& tx) { return FindEarlier(tx, record); }))) {
    return RequestCertificateOutput{.certificate_arn = earlier->arn};
  }
  record.type = CertificateType::kAmazonIssued;
  record.domain_name = names.front();
  record.key_algorithm = in.key_algorithm.value_or(std::string(KeyAlgorithm::kRsa2048));
  record.validation_method = in.validation_method.value_or(std::string(ValidationMethod::kEmail));
  // The authority is this machine's own: who has a name is asked only where a zone of ours could tell.
  if (TRY(database_.Read([&](const store::ReadTx& tx) { return IsProven(tx, record); }))) {
    TRY(Issue(record, names, record.key_algorithm));
  }
  record.transparency = CertificateTransparencyLoggingPreference::kEnabled;
  if (in.options && in.options->certificate_transparency_logging_preference) {
    record.transparency = *in.options->certificate_transparency_logging_preference;
  }
  record.export_option = CertificateExport::kDisabled;
  if (in.options && in.options->export_) record.export_option = *in.options->export_;
  return database_.Write([&](store::Tx& tx) -> Result<RequestCertificateOutput> {
    if (auto earlier = TRY(FindEarlier(tx, record))) return RequestCertificateOutput{.certificate_arn = earlier->arn};
    TRY(CheckRoom(tx));
    TRY(PutTags(tx, record.arn, in.tags.value_or(std::vector<Tag>())));
    TRY(tx.Put(record));
    return RequestCertificateOutput{.certificate_arn = record.arn};
  });
}

// Gives the record a new certificate of the local authority; its names stay in the order in which they were asked for.
Status Acm::Issue(CertificateRecord& record, const std::vector<std::string>& names,
                  const std::string& algorithm) const {
  const ca::IssuedCertificate issued = TRY(authority_.Issue(names, ToAuthorityAlgorithm(algorithm), kIssuedLifetime));
  TRY(Adopt(record, issued.certificate_pem));
  record.domain_name = names.front();
  record.names = Join(names, "\n");
  record.chain_pem = issued.chain_pem;
  record.sealed_key = TRY(sealer_.Seal(issued.private_key_pem, KeyContext(record.arn)));
  return {};
}

Result<bool> Acm::Renew(CertificateRecord record) {
  TRY(Issue(record, NamesOf(record), record.key_algorithm));
  record.exported_at.reset();  // what was exported is the old one
  const bool kept = TRY(database_.Write([&](store::Tx& tx) -> Result<bool> {
    // Deleted meanwhile: it must not come back.
    if (!TRY(tx.Find<CertificateRecord>(record.arn))) return false;
    TRY(tx.Put(record));
    return true;
  }));
  if (!kept) return false;
  Log(LogLevel::kInfo, "acm", "renewed {} until {}", record.arn, record.not_after.ToIso8601());
  Replaced(record.arn);
  return true;
}

Result<int> Acm::RenewDue() {
  const Instant now = clock_.Now();
  const auto due = TRY(database_.Read([&](const store::ReadTx& tx) {
    return tx.Select<CertificateRecord>("type = ? AND certificate_pem != '' AND not_after < ?",
                                        {store::Value(std::string(CertificateType::kAmazonIssued)),
                                         store::Value((now + kRenewalWindow).since_epoch().count())});
  }));
  int renewed = 0;
  for (const CertificateRecord& record : due) {
    if (TRY(Renew(record))) ++renewed;
  }
  return renewed;
}

}  // namespace meetinity::acm
