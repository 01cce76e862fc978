#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/acm_model.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/ca/certificate_authority.h"
#include "store/database.h"
#include "store/sealer.h"
#include "wire/call.h"
#include "wire/service.h"

namespace meetinity::acm {

struct CertificateRecord;

// What another service needs to terminate TLS with a certificate.
struct CertificateMaterial {
  std::string arn;
  std::string region;  // of the ARN
  std::string status;  // CertificateStatus: only kIssued has the PEMs below
  std::string certificate_pem;
  std::string chain_pem;  // may be empty
  std::string private_key_pem;
  std::vector<std::string> dns_names;
  std::string key_algorithm;  // KeyAlgorithm: "RSA_2048", "EC_prime256v1"
  Instant not_before, not_after;
};

// ACM: certificates, imported or issued by the local authority, each under an ARN of the region the call was signed
// for. Thread-safe; handlers run on workers. Private keys are sealed at rest.
class Acm {
 public:
  Acm(store::Database& database, const store::Sealer& sealer, const ca::CertificateAuthority& authority,
      const Clock& clock);
  ~Acm();

  static std::vector<store::Migration> Migrations();
  void Register(wire::ServiceHost& host);

  // kNotFound, named ResourceNotFoundException, when there is no such certificate.
  Result<CertificateMaterial> GetMaterial(std::string_view certificate_arn) const;

  // Notes within the caller's own transaction that `by_arn` (a distribution, a listener) uses the certificate, so that
  // it cannot be deleted; refuses like GetMaterial. Releasing what is not marked does nothing.
  Status MarkInUse(store::Tx& tx, std::string_view certificate_arn, std::string_view by_arn);
  Status Release(store::Tx& tx, std::string_view certificate_arn, std::string_view by_arn);

  // Told of each certificate whose material was replaced (reimported, renewed), after the commit, on a worker. Set
  // before the first call is served.
  void OnReplaced(std::function<void(const std::string& certificate_arn)> replaced);
  // Whether a zone that the cloud serves is responsible for the name of a validation record, and lacks it. Where no
  // zone is, nobody could prove anything, and the local authority takes the request's word. Before the first call is
  // served.
  using LacksRecord =
      std::function<Result<bool>(const store::ReadTx& tx, std::string_view name, std::string_view value)>;
  void AskZones(LacksRecord lacks_record) { lacks_record_ = std::move(lacks_record); }
  // Issues what was requested with DNS validation and whose records are in their zones by now; says how many. For a
  // timer of the program's.
  Result<int> IssueValidated();
  // Issues anew what the local authority issued and what expires within 60 days, as ACM's managed renewal does; says
  // how many. For a timer of the program's.
  Result<int> RenewDue();

  using Call = wire::Call;
  Result<ImportCertificateOutput> ImportCertificate(const Call& call, const ImportCertificateInput& in);
  Result<RequestCertificateOutput> RequestCertificate(const Call& call, const RequestCertificateInput& in);
  Result<DescribeCertificateOutput> DescribeCertificate(const Call& call, const DescribeCertificateInput& in) const;
  Result<GetCertificateOutput> GetCertificate(const Call& call, const GetCertificateInput& in) const;
  Result<ListCertificatesOutput> ListCertificates(const Call& call, const ListCertificatesInput& in) const;
  Result<UpdateCertificateOptionsOutput> UpdateCertificateOptions(const Call& call,
                                                                  const UpdateCertificateOptionsInput& in);
  Result<RenewCertificateOutput> RenewCertificate(const Call& call, const RenewCertificateInput& in);
  Result<ExportCertificateOutput> ExportCertificate(const Call& call, const ExportCertificateInput& in);
  Result<ResendValidationEmailOutput> ResendValidationEmail(const Call& call, const ResendValidationEmailInput& in);
  Result<GetAccountConfigurationOutput> GetAccountConfiguration(const Call& call,
                                                                const GetAccountConfigurationInput& in) const;
  Result<PutAccountConfigurationOutput> PutAccountConfiguration(const Call& call,
                                                                const PutAccountConfigurationInput& in);
  Result<DeleteCertificateOutput> DeleteCertificate(const Call& call, const DeleteCertificateInput& in);
  Result<AddTagsToCertificateOutput> AddTagsToCertificate(const Call& call, const AddTagsToCertificateInput& in);
  Result<RemoveTagsFromCertificateOutput> RemoveTagsFromCertificate(const Call& call,
                                                                    const RemoveTagsFromCertificateInput& in);
  Result<ListTagsForCertificateOutput> ListTagsForCertificate(const Call& call,
                                                              const ListTagsForCertificateInput& in) const;

 private:
  // What an operation about a certificate needs to be allowed; `arn` is empty where it names none.
  Result<wire::Permissions> PermissionsFor(const std::string& arn, const std::vector<Tag>* tags) const;
  Status Issue(CertificateRecord& record, const std::vector<std::string>& names, const std::string& algorithm) const;
  // Issues anew beneath the same ARN and tells whoever shows it; false when the certificate was deleted meanwhile.
  Result<bool> Renew(CertificateRecord record);
  void Replaced(const std::string& certificate_arn) const;
  // Whether the requester has all the names, or nobody can say; see AskZones (validation.cc).
  Result<bool> IsProven(const store::ReadTx& tx, const CertificateRecord& record) const;
  Result<CertificateDetail> DetailOf(const store::ReadTx& tx, const CertificateRecord& record, Instant now) const;
  // Issues a certificate that waited; false where it was deleted meanwhile.
  Result<bool> IssueWaiting(CertificateRecord record);

  store::Database& database_;
  const store::Sealer& sealer_;
  const ca::CertificateAuthority& authority_;
  const Clock& clock_;
  std::function<void(const std::string&)> replaced_;
  LacksRecord lacks_record_;
};

}  // namespace meetinity::acm
