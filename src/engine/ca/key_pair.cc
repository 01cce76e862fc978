#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "engine/ca/certificate_authority.h"
#include "engine/ca/errors.h"
#include "engine/ca/openssl.h"

namespace meetinity::ca {
namespace {

bool Signed(X509* issuer, X509* certificate) {
  const bool linked =
      X509_check_issued(issuer, certificate) == X509_V_OK && X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
  ERR_clear_error();
  return linked;
}

}  // namespace

Status CheckKeyPair(std::string_view certificate_pem, std::string_view key_pem, std::string_view chain_pem) {
  const X509Ptr leaf = TRY(ParseCertificate(certificate_pem));
  const KeyPtr key = TRY(ParsePrivateKey(key_pem));
  const bool matches = X509_check_private_key(leaf.get(), key.get()) == 1;
  ERR_clear_error();
  if (!matches) {
    return Error{Kind::kInvalid, kKeyDoesNotMatch, "The private key does not match the certificate's public key."};
  }
  if (chain_pem.empty()) return {};
  X509* signed_one = leaf.get();
  const std::vector<X509Ptr> chain = TRY(ParseChain(chain_pem));
  for (size_t i = 0; i < chain.size(); ++i) {
    if (!Signed(chain[i].get(), signed_one)) {
      return Error{Kind::kInvalid, kInvalidChain,
                   fmt::format("Certificate {} of the chain did not sign {}. The chain begins with the certificate's "
                               "issuer, and each certificate is followed by its own issuer.",
                               i + 1, i == 0 ? "the certificate" : "the one before it")};
    }
    signed_one = chain[i].get();
  }
  return {};
}

Result<std::string> EncryptKey(std::string_view key_pem, std::string_view passphrase) {
  const KeyPtr key = TRY(ParsePrivateKey(key_pem));
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), passphrase.data(),
                                            static_cast<int>(passphrase.size()), nullptr, nullptr) != 1) {
    return OpenSslError("encrypting a private key");
  }
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace meetinity::ca
