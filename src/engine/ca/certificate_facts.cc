#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "engine/ca/certificate_authority.h"
#include "engine/ca/errors.h"
#include "engine/ca/openssl.h"

namespace meetinity::ca {
namespace {

std::string ToText(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

std::string ToText(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string CommonName(X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return "";
  return ToText(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return "";
  ::inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text);
  return text;
}

std::vector<std::string> AlternativeNames(const X509* certificate) {
  using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<&GENERAL_NAMES_free>>;
  const NamesPtr list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    if (name->type == GEN_DNS) names.push_back(ToText(name->d.dNSName));
    if (name->type == GEN_IPADD) names.push_back(AddressText(name->d.iPAddress));
  }
  return names;
}

std::vector<std::string> ExtendedUsages(const X509* certificate) {
  using UsagesPtr = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<&EXTENDED_KEY_USAGE_free>>;
  const UsagesPtr list(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  std::vector<std::string> usages;
  for (int i = 0; i < sk_ASN1_OBJECT_num(list.get()); ++i) {
    char oid[80];
    OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(list.get(), i), 1);
    usages.emplace_back(oid);
  }
  return usages;
}

std::string SerialHex(const X509* certificate) {
  std::string hex;
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  const unsigned char* bytes = ASN1_STRING_get0_data(serial);
  for (int i = 0; i < ASN1_STRING_length(serial); ++i) {
    hex += fmt::format("{:02x}", bytes[i]);
  }
  return hex;
}

std::string KeyAlgorithm(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return fmt::format("RSA-{}", EVP_PKEY_get_bits(key));
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
    char group[80] = "";
    size_t length = 0;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1) return fmt::format("EC-{}", group);
  }
  return OBJ_nid2sn(EVP_PKEY_get_base_id(key));
}

std::string SignatureAlgorithm(X509* certificate) {
  int digest = NID_undef;
  int key = NID_undef;
  if (X509_get_signature_info(certificate, &digest, &key, nullptr, nullptr) != 1) {
    return OBJ_nid2sn(X509_get_signature_nid(certificate));
  }
  const std::string_view scheme = key == EVP_PKEY_RSA ? "RSA" : key == EVP_PKEY_EC ? "ECDSA" : OBJ_nid2sn(key);
  return fmt::format("{}WITH{}", OBJ_nid2sn(digest), scheme);
}

std::string_view WithoutFinalDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

Result<CertificateFacts> ReadCertificate(std::string_view pem) {
  const X509Ptr certificate = TRY(ParseCertificate(pem));
  X509* x509 = certificate.get();
  EVP_PKEY* key = X509_get0_pubkey(x509);
  if (key == nullptr) {
    (void)OpenSslError("reading a public key");  // only to empty the queue
    return Error{Kind::kInvalid, kInvalidCertificate, "The certificate's public key cannot be read."};
  }
  CertificateFacts facts;
  facts.subject_common_name = CommonName(X509_get_subject_name(x509));
  facts.issuer_common_name = CommonName(X509_get_issuer_name(x509));
  facts.dns_names = AlternativeNames(x509);
  facts.subject = ToText(X509_get_subject_name(x509));
  facts.issuer = ToText(X509_get_issuer_name(x509));
  facts.serial_hex = SerialHex(x509);
  facts.key_algorithm = KeyAlgorithm(key);
  facts.signature_algorithm = SignatureAlgorithm(x509);
  facts.not_before = TRY(ToInstant(X509_get0_notBefore(x509)));
  facts.not_after = TRY(ToInstant(X509_get0_notAfter(x509)));
  facts.key_usage = X509_get_key_usage(x509);
  facts.extended_key_usage_oids = ExtendedUsages(x509);
  facts.is_authority = X509_check_ca(x509) != 0;
  facts.is_self_signed = X509_self_signed(x509, 0) == 1;
  return facts;
}

bool CoversName(const std::vector<std::string>& dns_names, std::string_view host) {
  host = WithoutFinalDot(host);
  for (const std::string& name : dns_names) {
    const std::string_view covered = WithoutFinalDot(name);
    if (EqualsIgnoreCase(covered, host)) return true;
    if (!covered.starts_with("*.")) continue;
    const size_t dot = host.find('.');
    if (dot != std::string_view::npos && dot > 0 && EqualsIgnoreCase(covered.substr(1), host.substr(dot))) return true;
  }
  return false;
}

}  // namespace meetinity::ca
