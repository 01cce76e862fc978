#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/elbv2/elbv2.h"
#include "aws/elbv2/errors.h"
#include "aws/elbv2/limits.h"
#include "aws/elbv2/paging.h"
#include "aws/elbv2/state.h"

// Which certificates listeners show, and what ACM is told of that.
namespace meetinity::elbv2 {
namespace {

Result<std::set<std::string>> CertificatesOf(const store::ReadTx& tx, const std::string& load_balancer_arn) {
  std::set<std::string> arns;
  for (const ListenerRecord& listener : TRY(ListenersOf(tx, load_balancer_arn))) {
    if (!listener.certificate_arn.empty()) arns.insert(listener.certificate_arn);
    for (auto& other : TRY(tx.Select<ListenerCertificateRecord>("listener_arn = ?", {store::Value(listener.arn)}))) {
      arns.insert(std::move(other.certificate_arn));
    }
  }
  return arns;
}

Status CheckGiven(const ListenerRecord& record, const std::vector<Certificate>& given) {
  if (record.certificate_arn.empty()) {
    return Error{Kind::kInvalid, kListenerNotFound,
                 fmt::format("Listener '{}' has protocol '{}' and shows no certificates", record.arn, record.protocol)};
  }
  if (given.empty()) return Invalid("A certificate must be specified");
  for (const Certificate& certificate : given) {
    if (certificate.is_default)
      return Invalid("IsDefault cannot be specified; ModifyListener sets the default certificate");
    if (!certificate.certificate_arn) return Invalid("A certificate ARN must be specified");
  }
  return {};
}

}  // namespace

Status Elbv2::CheckCertificate(const Call& call, const std::string& arn) const {
  const auto not_found = [&] {
    return Error{Kind::kNotFound, kCertificateNotFound, fmt::format("Certificate '{}' not found", arn.substr(0, 256))};
  };
  const auto material = acm_.GetMaterial(arn);
  if (!material.ok()) {
    const bool is_ours = material.error().kind == Kind::kInternal || material.error().kind == Kind::kUnavailable;
    return is_ours ? material.error() : not_found();
  }
  if (material->region != RegionOf(call)) return not_found();
  if (material->status == acm::CertificateStatus::kIssued) return {};
  return Error{Kind::kInvalid, kUnsupportedCertificate,
               fmt::format("The certificate '{}' must be issued; its status is {}", arn, material->status)};
}

Status Elbv2::WithCertificates(store::Tx& tx, const std::string& load_balancer_arn,
                               const std::function<Status()>& change) {
  const std::set<std::string> before = TRY(CertificatesOf(tx, load_balancer_arn));
  TRY(change());
  const std::set<std::string> after = TRY(CertificatesOf(tx, load_balancer_arn));
  for (const std::string& arn : after) {
    if (!before.contains(arn)) TRY(acm_.MarkInUse(tx, arn, load_balancer_arn));
  }
  for (const std::string& arn : before) {
    if (!after.contains(arn)) TRY(acm_.Release(tx, arn, load_balancer_arn));
  }
  return {};
}

Result<AddListenerCertificatesOutput> Elbv2::AddListenerCertificates(const Call& call,
                                                                     const AddListenerCertificatesInput& in) {
  return Change([&](store::Tx& tx) -> Result<AddListenerCertificatesOutput> {
    const ListenerRecord record = TRY(GetListener(tx, in.listener_arn));
    TRY(CheckGiven(record, in.certificates));
    AddListenerCertificatesOutput out;
    out.certificates.emplace();
    TRY(WithCertificates(tx, record.load_balancer_arn, [&]() -> Status {
      for (const Certificate& certificate : in.certificates) {
        const std::string& arn = *certificate.certificate_arn;
        TRY(CheckCertificate(call, arn));
        // The default one stands in the list, too, once somebody adds it.
        TRY(tx.Put(ListenerCertificateRecord{record.arn, arn}));
        out.certificates->push_back({.certificate_arn = arn, .is_default = false});
      }
      return {};
    }));
    const int64_t count = TRY(tx.Count<ListenerCertificateRecord>("listener_arn = ? AND certificate_arn <> ?",
                                                                  {record.arn, record.certificate_arn}));
    if (count > kCertificatesMax) {
      return Error{Kind::kLimit, kTooManyCertificates,
                   fmt::format("A listener has at most {} certificates besides its default one", kCertificatesMax)};
    }
    return out;
  });
}

Result<RemoveListenerCertificatesOutput> Elbv2::RemoveListenerCertificates(const Call&,
                                                                           const RemoveListenerCertificatesInput& in) {
  return Change([&](store::Tx& tx) -> Result<RemoveListenerCertificatesOutput> {
    const ListenerRecord record = TRY(GetListener(tx, in.listener_arn));
    TRY(CheckGiven(record, in.certificates));
    TRY(WithCertificates(tx, record.load_balancer_arn, [&]() -> Status {
      for (const Certificate& certificate : in.certificates) {
        const std::string& arn = *certificate.certificate_arn;
        const bool was_there = TRY(tx.Delete<ListenerCertificateRecord>(record.arn, arn));
        if (was_there || arn != record.certificate_arn) continue;
        return Error{Kind::kConflict, kOperationNotPermitted,
                     fmt::format("The default certificate '{}' cannot be removed from listener '{}'", arn, record.arn)};
      }
      return {};
    }));
    return RemoveListenerCertificatesOutput{};
  });
}

Result<DescribeListenerCertificatesOutput> Elbv2::DescribeListenerCertificates(
    const Call&, const DescribeListenerCertificatesInput& in) {
  return database_.Read([&](const store::ReadTx& tx) -> Result<DescribeListenerCertificatesOutput> {
    const ListenerRecord record = TRY(GetListener(tx, in.listener_arn));
    std::vector<Certificate> all;
    if (!record.certificate_arn.empty()) all.push_back({.certificate_arn = record.certificate_arn, .is_default = true});
    for (auto& other : TRY(tx.Select<ListenerCertificateRecord>("listener_arn = ? ORDER BY certificate_arn",
                                                                {store::Value(record.arn)}))) {
      if (other.certificate_arn == record.certificate_arn) continue;
      all.push_back({.certificate_arn = std::move(other.certificate_arn), .is_default = false});
    }
    auto page = TRY(TakePage(std::move(all), in.marker, in.page_size,
                             [](const Certificate& certificate) { return *certificate.certificate_arn; }));
    return DescribeListenerCertificatesOutput{.certificates = std::move(page.items),
                                              .next_marker = std::move(page.next_marker)};
  });
}

}  // namespace meetinity::elbv2
