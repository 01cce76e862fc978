#include "engine/ca/issue.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/random.h"
#include "base/text.h"
#include "engine/ca/errors.h"

namespace meetinity::ca {
namespace {

constexpr Duration kRootLifetime = 3652 * kDay;  // ten years
// Clients whose clock is a little behind ours must accept a certificate that was made this moment.
constexpr Duration kClockSkew = std::chrono::hours(1);
constexpr size_t kNamesMax = 100;      // as many as ACM takes
constexpr size_t kCommonNameMax = 64;  // X.520's ub-common-name
constexpr size_t kSerialBytes = 16;    // RFC 5280 allows 20
constexpr size_t kDnsNameMax = 253;

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<&X509_EXTENSION_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<&GENERAL_NAMES_free>>;
using NamePtr = std::unique_ptr<GENERAL_NAME, FreeWith<&GENERAL_NAME_free>>;

bool IsIpAddress(const std::string& name) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, name.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

bool IsLabel(std::string_view label) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), allowed);
}

bool IsDnsName(std::string_view name) {
  if (name.size() > kDnsNameMax) return false;
  if (name.starts_with("*.")) name.remove_prefix(2);
  const std::vector<std::string_view> labels = Split(name, '.');
  return std::all_of(labels.begin(), labels.end(), IsLabel);
}

Result<NamePtr> ToGeneralName(const std::string& name) {
  NamePtr general(GENERAL_NAME_new());
  if (!general) return OpenSslError("making a name");
  if (IsIpAddress(name)) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str());
    if (address == nullptr) return OpenSslError("making an address");
    GENERAL_NAME_set0_value(general.get(), GEN_IPADD, address);
    return general;
  }
  if (!IsDnsName(name)) {
    return Error{Kind::kInvalid, kInvalidCertificateName,
                 fmt::format("'{}' is neither a domain name nor an IP address", name)};
  }
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  if (text == nullptr || ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) != 1) {
    ASN1_IA5STRING_free(text);
    return OpenSslError("making a name");
  }
  GENERAL_NAME_set0_value(general.get(), GEN_DNS, text);
  return general;
}

Status AddSubjectAlternativeNames(X509* certificate, const std::vector<std::string>& names) {
  if (names.empty() || names.size() > kNamesMax) {
    return Error{Kind::kInvalid, kInvalidCertificateName,
                 fmt::format("a certificate has 1 to {} names, not {}", kNamesMax, names.size())};
  }
  const NamesPtr list(GENERAL_NAMES_new());
  for (const std::string& name : names) {
    NamePtr general = TRY(ToGeneralName(name));
    if (!list || sk_GENERAL_NAME_push(list.get(), general.get()) == 0) return OpenSslError("adding a name");
    (void)general.release();  // the list owns it now
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    return OpenSslError("adding the names");
  }
  return {};
}

Status AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return OpenSslError("adding an extension");
  return {};
}

Status SetSerial(X509* certificate) {
  std::string bytes = RandomBytes(kSerialBytes);
  // Positive, and of full length also with its leading zeros cut.
  bytes[0] = static_cast<char>((static_cast<unsigned char>(bytes[0]) & 0x7f) | 0x40);
  using NumberPtr = std::unique_ptr<BIGNUM, FreeWith<&BN_free>>;
  const NumberPtr number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), kSerialBytes, nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return OpenSslError("setting the serial number");
  }
  return {};
}

Status AddToName(X509_NAME* name, const char* field, const std::string& value) {
  if (X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                 static_cast<int>(value.size()), -1, 0) != 1) {
    return OpenSslError("setting a name");
  }
  return {};
}

// What roots and leaves have in common.
Result<X509Ptr> Blank(EVP_PKEY* key, Instant not_before, Instant not_after) {
  X509Ptr certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()), not_before.unix_seconds()) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), not_after.unix_seconds()) == nullptr ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return OpenSslError("making a certificate");
  }
  TRY(SetSerial(certificate.get()));
  return certificate;
}

Status Sign(X509* certificate, EVP_PKEY* key) {
  if (X509_sign(certificate, key, EVP_sha256()) == 0) return OpenSslError("signing a certificate");
  return {};
}

Result<Instant> EndOfLeaf(X509& root, Instant now, Duration lifetime) {
  const Instant root_end = TRY(ToInstant(X509_get0_notAfter(&root)));
  if (now >= root_end) {
    return Error{
        Kind::kUnavailable, kAuthorityUnusable,
        fmt::format("the local authority expired at {}; remove ca.pem and ca.key and start again for a new one",
                    root_end.ToIso8601())};
  }
  return std::min(now + lifetime, root_end);
}

}  // namespace

Result<KeyPtr> MakeKey(std::string_view algorithm) {
  struct KeyKind {
    std::string_view name;
    unsigned rsa_bits;
    const char* curve;
  };
  static constexpr KeyKind kKinds[] = {{"RSA-2048", 2048, nullptr},  {"RSA-3072", 3072, nullptr},
                                       {"RSA-4096", 4096, nullptr},  {"EC-prime256v1", 0, "P-256"},
                                       {"EC-secp384r1", 0, "P-384"}, {"EC-secp521r1", 0, "P-521"}};
  for (const KeyKind& kind : kKinds) {
    if (kind.name != algorithm) continue;
    KeyPtr key(kind.rsa_bits != 0 ? EVP_RSA_gen(kind.rsa_bits) : EVP_EC_gen(kind.curve));
    if (!key) return OpenSslError("making a key");
    return key;
  }
  return Error{Kind::kInvalid, kUnknownKeyAlgorithm,
               fmt::format("'{}' is no key algorithm of this authority", algorithm)};
}

Result<X509Ptr> MakeRoot(EVP_PKEY* key, Instant now) {
  X509Ptr root = TRY(Blank(key, now - kClockSkew, now + kRootLifetime));
  X509_NAME* name = X509_get_subject_name(root.get());
  TRY(AddToName(name, "O", "Meetinity Cloud"));
  // Each authority has a name of its own: a client that trusts several finds the right one by it.
  TRY(AddToName(name, "CN", "Meetinity Cloud Local CA " + RandomText(6, kUpperAlphanumeric)));
  if (X509_set_issuer_name(root.get(), name) != 1) return OpenSslError("setting the issuer");
  TRY(AddExtension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  TRY(AddExtension(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign"));
  TRY(AddExtension(root.get(), root.get(), NID_subject_key_identifier, "hash"));
  TRY(Sign(root.get(), key));
  return root;
}

Result<X509Ptr> MakeLeaf(const std::vector<std::string>& names, EVP_PKEY* key, X509& root, EVP_PKEY& root_key,
                         Instant now, Duration lifetime) {
  X509Ptr leaf = TRY(Blank(key, now - kClockSkew, TRY(EndOfLeaf(root, now, lifetime))));
  if (X509_set_issuer_name(leaf.get(), X509_get_subject_name(&root)) != 1) return OpenSslError("setting the issuer");
  TRY(AddSubjectAlternativeNames(leaf.get(), names));
  // Clients go by the alternative names; the common name is for people, and a longer one is not allowed.
  if (names.front().size() <= kCommonNameMax) {
    TRY(AddToName(X509_get_subject_name(leaf.get()), "CN", names.front()));
  }
  TRY(AddExtension(leaf.get(), &root, NID_basic_constraints, "critical,CA:FALSE"));
  const bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
  TRY(AddExtension(leaf.get(), &root, NID_key_usage,
                   rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature"));
  TRY(AddExtension(leaf.get(), &root, NID_ext_key_usage, "serverAuth"));
  TRY(AddExtension(leaf.get(), &root, NID_subject_key_identifier, "hash"));
  TRY(AddExtension(leaf.get(), &root, NID_authority_key_identifier, "keyid:always"));
  TRY(Sign(leaf.get(), &root_key));
  return leaf;
}

}  // namespace meetinity::ca
