#include "engine/ca/openssl.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

#include "base/text.h"
#include "engine/ca/errors.h"

namespace meetinity::ca {
namespace {

// Longer chains occur nowhere, and each link costs a signature check.
constexpr size_t kChainCertificatesMax = 10;

BioPtr ReadFrom(std::string_view text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string Contents(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<size_t>(size));
}

// Called for encrypted keys: answers that there is no passphrase, where OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

bool HoldsMore(BIO* bio) {
  std::string rest(static_cast<size_t>(BIO_pending(bio)), '\0');
  const int got = BIO_read(bio, rest.data(), static_cast<int>(rest.size()));
  if (got <= 0) return false;
  rest.resize(static_cast<size_t>(got));
  return rest.find_first_not_of(" \t\r\n") != std::string::npos;
}

}  // namespace

Error OpenSslError(std::string_view doing) {
  char text[256] = "no reason given";
  const unsigned long code = ERR_peek_last_error();
  if (code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return Internal(fmt::format("{}: {}", doing, text));
}

Result<X509Ptr> ParseCertificate(std::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr));
  ERR_clear_error();
  if (!certificate) {
    return Error{Kind::kInvalid, kInvalidCertificate, "The certificate is not a PEM encoded X.509 certificate."};
  }
  if (HoldsMore(bio.get())) {
    return Error{Kind::kInvalid, kInvalidCertificate,
                 "The certificate field contains more than one certificate. Put the others into the chain."};
  }
  return certificate;
}

Result<std::vector<X509Ptr>> ParseChain(std::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  std::vector<X509Ptr> chain;
  while (X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr)}) {
    if (chain.size() == kChainCertificatesMax) {
      return Error{Kind::kInvalid, kInvalidChain,
                   fmt::format("The certificate chain is longer than {} certificates.", kChainCertificatesMax)};
    }
    chain.push_back(std::move(certificate));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (chain.empty() || !at_end) {
    return Error{Kind::kInvalid, kInvalidChain, "The certificate chain is not a series of PEM encoded certificates."};
  }
  return chain;
}

Result<KeyPtr> ParsePrivateKey(std::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  ERR_clear_error();
  if (!key) {
    return Error{Kind::kInvalid, kInvalidPrivateKey,
                 "The private key is not an unencrypted PEM encoded private key of a known kind."};
  }
  return key;
}

Result<std::string> ToPem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return OpenSslError("writing a certificate");
  return Contents(bio.get());
}

Result<std::string> ToPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpenSslError("writing a private key");
  }
  return Contents(bio.get());
}

Result<Instant> ToInstant(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return OpenSslError("reading a certificate's time");
  return Instant::FromUnixSeconds(::timegm(&fields));
}

}  // namespace meetinity::ca
