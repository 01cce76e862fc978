#include "aws/acm/acm.h"
#include "aws/acm/errors.h"
#include "aws/acm/state.h"
#include "base/log.h"

// Who has a name: proven by records in the zones that the cloud serves.
namespace meetinity::acm {

Result<bool> Acm::IsProven(const store::ReadTx& tx, const CertificateRecord& record) const {
  if (record.validation_method != ValidationMethod::kDns || !lacks_record_) return true;
  for (const std::string& name : NamesOf(record)) {
    const ResourceRecord wanted = ValidationRecordOf(record, name);
    if (TRY(lacks_record_(tx, wanted.name, wanted.value))) return false;
  }
  return true;
}

Result<bool> Acm::IssueWaiting(CertificateRecord record) {
  TRY(Issue(record, NamesOf(record), record.key_algorithm));
  record.issued_at = clock_.Now();
  const bool kept = TRY(database_.Write([&](store::Tx& tx) -> Result<bool> {
    const auto waiting = TRY(tx.Find<CertificateRecord>(record.arn));
    if (!waiting || waiting->is_issued()) return false;
    // What its owner has changed meanwhile stays.
    record.transparency = waiting->transparency;
    record.export_option = waiting->export_option;
    TRY(tx.Put(record));
    return true;
  }));
  if (!kept) return false;
  Log(LogLevel::kInfo, "acm", "issued {}, whose names are proven", record.arn);
  Replaced(record.arn);
  return true;
}

Result<int> Acm::IssueValidated() {
  const Instant began = clock_.Now() - kValidationTime;
  const auto proven = TRY(database_.Read([&](const store::ReadTx& tx) -> Result<std::vector<CertificateRecord>> {
    auto waiting = TRY(tx.Select<CertificateRecord>("certificate_pem = '' AND created_at > ?",
                                                    {store::Value(began.since_epoch().count())}));
    std::vector<CertificateRecord> found;
    for (CertificateRecord& record : waiting) {
      if (TRY(IsProven(tx, record))) found.push_back(std::move(record));
    }
    return found;
  }));
  int issued = 0;
  for (const CertificateRecord& record : proven) {
    if (TRY(IssueWaiting(record))) ++issued;
  }
  return issued;
}

}  // namespace meetinity::acm
