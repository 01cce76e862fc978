#include "engine/ca/certificate_authority.h"

#include <fmt/format.h>

#include "engine/ca/errors.h"
#include "engine/ca/issue.h"
#include "engine/ca/openssl.h"
#include "store/files.h"
#include "store/private_file.h"

namespace meetinity::ca {
namespace {

constexpr uint64_t kFileBytesMax = 64 * 1024;  // a root and its key are under 2 KiB

class LocalAuthority : public CertificateAuthority {
 public:
  LocalAuthority(X509Ptr root, KeyPtr key, std::string root_pem, const Clock& clock)
      : root_(std::move(root)), key_(std::move(key)), root_pem_(std::move(root_pem)), clock_(clock) {}

  std::string root_pem() const override { return root_pem_; }

  // Signing only reads root and key, so callers need no lock.
  Result<IssuedCertificate> Issue(const std::vector<std::string>& names, std::string_view key_algorithm,
                                  Duration lifetime) const override {
    const KeyPtr key = TRY(MakeKey(key_algorithm));
    const X509Ptr leaf = TRY(MakeLeaf(names, key.get(), *root_, *key_, clock_.Now(), lifetime));
    std::string leaf_pem = TRY(ToPem(leaf.get()));
    std::string key_pem = TRY(ToPem(key.get()));
    return IssuedCertificate{std::move(leaf_pem), root_pem_, std::move(key_pem)};
  }

 private:
  const X509Ptr root_;
  const KeyPtr key_;
  const std::string root_pem_;
  const Clock& clock_;
};

// The key is written first: a crash in between leaves a key whose certificate nobody has seen, and both are made anew.
Result<std::string> MakeAuthority(const std::string& certificate_path, const std::string& key_path, Instant now) {
  const KeyPtr key = TRY(MakeKey("EC-prime256v1"));
  const X509Ptr root = TRY(MakeRoot(key.get(), now));
  std::string pem = TRY(ToPem(root.get()));
  TRY(store::WritePrivateFile(key_path, TRY(ToPem(key.get()))));
  TRY(store::WritePrivateFile(certificate_path, pem));
  return pem;
}

}  // namespace

Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::Open(std::string directory, const Clock& clock) {
  const std::string certificate_path = directory + "/ca.pem";
  const std::string key_path = directory + "/ca.key";
  TRY(store::EnsureDirectory(directory));
  std::optional<std::string> pem = TRY(store::ReadPrivateFile(certificate_path, kFileBytesMax));
  if (!pem) pem = TRY(MakeAuthority(certificate_path, key_path, clock.Now()));
  const std::optional<std::string> key_pem = TRY(store::ReadPrivateFile(key_path, kFileBytesMax));
  if (!key_pem) {
    return Error{Kind::kInternal, kAuthorityUnusable,
                 fmt::format("{} is missing, and {} is of no use without it; restore it, or remove both to have a new "
                             "authority made",
                             key_path, certificate_path)};
  }
  if (Status matches = CheckKeyPair(*pem, *key_pem, ""); !matches.ok()) {
    return Error{
        Kind::kInternal, kAuthorityUnusable,
        fmt::format("{} and {} do not belong together: {}", certificate_path, key_path, matches.error().detail)};
  }
  return std::unique_ptr<CertificateAuthority>(std::make_unique<LocalAuthority>(
      TRY(ParseCertificate(*pem)), TRY(ParsePrivateKey(*key_pem)), std::move(*pem), clock));
}

}  // namespace meetinity::ca
