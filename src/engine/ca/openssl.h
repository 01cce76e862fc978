#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

// OpenSSL's objects with owners, and the conversions that several files of this room need.
namespace meetinity::ca {

template <auto free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};

using X509Ptr = std::unique_ptr<X509, FreeWith<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<&BIO_free_all>>;

// Internal, with what OpenSSL says; empties its error queue, which a later call on this thread would report instead.
Error OpenSslError(std::string_view doing);

// Exactly one certificate; kInvalidCertificate otherwise.
Result<X509Ptr> ParseCertificate(std::string_view pem);
// One or more, in order; kInvalidChain otherwise.
Result<std::vector<X509Ptr>> ParseChain(std::string_view pem);
// An unencrypted private key; kInvalidPrivateKey otherwise.
Result<KeyPtr> ParsePrivateKey(std::string_view pem);

Result<std::string> ToPem(X509* certificate);
Result<std::string> ToPem(EVP_PKEY* key);  // PKCS #8

Result<Instant> ToInstant(const ASN1_TIME* time);

}  // namespace meetinity::ca
