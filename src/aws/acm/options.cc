#include <fmt/format.h>

#include <algorithm>

#include "aws/acm/acm.h"
#include "aws/acm/errors.h"
#include "aws/acm/state.h"
#include "base/text.h"

// What its owner may do with a certificate that was issued: change its options, take it elsewhere, have it renewed.
namespace meetinity::acm {
namespace {

Error InState(const CertificateRecord& record, std::string_view why) {
  return Error{Kind::kConflict, kInvalidState, fmt::format("Certificate {} {}.", record.arn, why)};
}

// ACM API, ExportCertificate: printable ASCII but for three characters that shells and templates give a meaning.
bool IsPassphrase(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '#' && c != '$' && c != '%'; });
}

}  // namespace

Result<UpdateCertificateOptionsOutput> Acm::UpdateCertificateOptions(const Call& call,
                                                                     const UpdateCertificateOptionsInput& in) {
  TRY(database_.Write([&](store::Tx& tx) -> Status {
    CertificateRecord record = TRY(GetRecord(tx, in.certificate_arn));
    if (record.type != CertificateType::kAmazonIssued) return InState(record, "was imported, and has no options");
    if (record.is_issued() && StatusOf(record, call.now) != CertificateStatus::kIssued) {
      return InState(record, "has expired");
    }
    const CertificateOptions& options = in.options;
    if (options.certificate_transparency_logging_preference) {
      record.transparency = *options.certificate_transparency_logging_preference;
    }
    if (options.export_) record.export_option = *options.export_;
    return tx.Put(record);
  }));
  return UpdateCertificateOptionsOutput{};
}

Result<ExportCertificateOutput> Acm::ExportCertificate(const Call& call, const ExportCertificateInput& in) {
  if (!IsPassphrase(in.passphrase)) return Invalid("The passphrase is printable ASCII without #, $ and %.");
  return database_.Write([&](store::Tx& tx) -> Result<ExportCertificateOutput> {
    CertificateRecord record = TRY(GetRecord(tx, in.certificate_arn));
    if (record.export_option != CertificateExport::kEnabled) {
      return Invalid(
          fmt::format("Certificate {} is not exportable; ask for it with Options Export=ENABLED.", record.arn));
    }
    TRY(CheckIssued(record));
    const std::string key = TRY(sealer_.Open(record.sealed_key, KeyContext(record.arn)));
    ExportCertificateOutput output;
    output.certificate = record.certificate_pem;
    output.certificate_chain = record.chain_pem;
    output.private_key = TRY(ca::EncryptKey(key, in.passphrase));
    record.exported_at = call.now;
    TRY(tx.Put(record));
    return output;
  });
}

// ACM renews on request what it cannot see in use: what was exported.
Result<RenewCertificateOutput> Acm::RenewCertificate(const Call&, const RenewCertificateInput& in) {
  const CertificateRecord record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return GetRecord(tx, in.certificate_arn); }));
  if (record.type != CertificateType::kAmazonIssued || !record.exported_at) {
    return Invalid(
        fmt::format("Certificate {} is not eligible: an exported one is renewed on request, one in use by "
                    "itself, and an imported one by importing it again.",
                    record.arn));
  }
  if (!TRY(Renew(record))) {
    return Error{Kind::kNotFound, kResourceNotFound, fmt::format("Could not find certificate {}.", record.arn)};
  }
  return RenewCertificateOutput{};
}

// The local authority issues at once, so no certificate waits for a mail.
Result<ResendValidationEmailOutput> Acm::ResendValidationEmail(const Call&, const ResendValidationEmailInput& in) {
  const CertificateRecord record =
      TRY(database_.Read([&](const store::ReadTx& tx) { return GetRecord(tx, in.certificate_arn); }));
  const std::vector<std::string> names = NamesOf(record);
  if (std::find(names.begin(), names.end(), ToLower(in.domain)) == names.end()) {
    return Error{Kind::kInvalid, kInvalidDomainValidationOptions,
                 fmt::format("'{}' is not a domain of certificate {}.", in.domain, record.arn)};
  }
  return InState(record, "is not pending validation by mail");
}

}  // namespace meetinity::acm
