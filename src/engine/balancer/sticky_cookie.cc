#include "engine/balancer/sticky_cookie.h"

#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"

namespace meetinity::balancer {
namespace {

constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;
// kind, seconds, group
constexpr size_t kFixedSize = 1 + 8 + 8;
// Longer than any cookie sealed here; a browser's limit for one is 4 KiB.
constexpr size_t kCookieMax = 4'096;

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

unsigned char* Bytes(std::string& text, size_t at) { return reinterpret_cast<unsigned char*>(text.data() + at); }
const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void AppendNumber(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

uint64_t NumberAt(std::string_view bytes, size_t at) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

}  // namespace

uint64_t GroupFingerprint(std::string_view group_id) { return NumberAt(Sha256(group_id), 0); }

CookieSealer::CookieSealer(std::string_view secret) : key_(HmacSha256(secret, "stickiness cookies")) {}

std::string CookieSealer::Seal(const StickyTicket& ticket) const {
  std::string plain;
  plain += static_cast<char>(ticket.kind);
  AppendNumber(plain, static_cast<uint64_t>(ticket.issued.unix_seconds()));
  AppendNumber(plain, ticket.group);
  plain += ticket.target_id;

  std::string sealed = RandomBytes(kNonceSize);
  sealed.resize(kNonceSize + plain.size() + kTagSize);
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  CHECK(cipher != nullptr &&
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_), Bytes(sealed, 0)) == 1);
  CHECK(EVP_EncryptUpdate(cipher.get(), Bytes(sealed, kNonceSize), &size, Bytes(plain),
                          static_cast<int>(plain.size())) == 1);
  CHECK(EVP_EncryptFinal_ex(cipher.get(), Bytes(sealed, kNonceSize + plain.size()), &size) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, Bytes(sealed, kNonceSize + plain.size())) ==
        1);
  return Base64Encode(sealed);
}

std::optional<StickyTicket> CookieSealer::Open(std::string_view cookie, StickyTicket::Kind kind) const {
  if (cookie.size() > kCookieMax) return std::nullopt;
  auto decoded = Base64Decode(cookie);
  if (!decoded.ok() || decoded->size() < kNonceSize + kFixedSize + kTagSize) return std::nullopt;
  std::string& sealed = *decoded;
  const size_t plain_size = sealed.size() - kNonceSize - kTagSize;
  std::string plain(plain_size, '\0');
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  CHECK(cipher != nullptr &&
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_), Bytes(sealed, 0)) == 1);
  const bool genuine =
      EVP_DecryptUpdate(cipher.get(), Bytes(plain, 0), &size, Bytes(sealed, kNonceSize),
                        static_cast<int>(plain_size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, Bytes(sealed, kNonceSize + plain_size)) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), Bytes(plain, 0) + size, &size) == 1;
  if (!genuine || plain[0] != static_cast<char>(kind)) return std::nullopt;
  StickyTicket ticket;
  ticket.kind = kind;
  ticket.issued = Instant::FromUnixSeconds(static_cast<int64_t>(NumberAt(plain, 1)));
  ticket.group = NumberAt(plain, 9);
  ticket.target_id = plain.substr(kFixedSize);
  return ticket;
}

std::optional<std::string_view> FindCookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const size_t end = header.find(';');
    const std::string_view pair = Trim(header.substr(0, end));
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    if (end == std::string_view::npos) break;
    header.remove_prefix(end + 1);
  }
  return std::nullopt;
}

bool SetsCookie(std::string_view set_cookie, std::string_view name) {
  const std::string_view pair = Trim(set_cookie.substr(0, set_cookie.find(';')));
  const size_t equals = pair.find('=');
  return equals != std::string_view::npos && Trim(pair.substr(0, equals)) == name;
}

}  // namespace meetinity::balancer
