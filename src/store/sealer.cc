#include "store/sealer.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/random.h"
#include "store/private_file.h"

namespace meetinity::store {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSealNonceBytes = 12;  // what NIST SP 800-38D recommends for GCM
constexpr size_t kSealTagBytes = 16;

struct FreeSealCipher {
  void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeSealCipher>;

const unsigned char* SealBytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* SealBytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Error CipherFailed() { return Internal("AES-256-GCM failed"); }

}  // namespace

Result<std::unique_ptr<Sealer>> Sealer::Open(const std::string& key_path) {
  std::optional<std::string> key = TRY(ReadPrivateFile(key_path, kKeyBytes));
  if (!key) {
    key = RandomBytes(kKeyBytes);
    TRY(WritePrivateFile(key_path, *key));
  }
  if (key->size() != kKeyBytes) {
    return Internal(fmt::format("{} must hold {} bytes, but holds {}; without the true key the stored secrets are lost",
                                key_path, kKeyBytes, key->size()));
  }
  return std::unique_ptr<Sealer>(new Sealer(std::move(*key)));
}

Sealer::~Sealer() { OPENSSL_cleanse(key_.data(), key_.size()); }

Result<std::string> Sealer::Seal(std::string_view secret, std::string_view context) const {
  const std::string nonce = RandomBytes(kSealNonceBytes);
  std::string encrypted(secret.size(), '\0');
  std::string tag(kSealTagBytes, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  if (!cipher || EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, SealBytes(key_), SealBytes(nonce)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, SealBytes(context), static_cast<int>(context.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), SealBytes(encrypted), &length, SealBytes(secret),
                        static_cast<int>(secret.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), nullptr, &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kSealTagBytes, tag.data()) != 1) {
    return CipherFailed();
  }
  return Base64Encode(nonce + encrypted + tag);
}

Result<std::string> Sealer::Open(std::string_view sealed, std::string_view context) const {
  const Result<std::string> decoded = Base64Decode(sealed);
  if (!decoded.ok() || decoded->size() < kSealNonceBytes + kSealTagBytes) {
    return Internal(fmt::format("the sealed secret of {} is damaged", context));
  }
  const std::string_view bytes = *decoded;
  const std::string_view nonce = bytes.substr(0, kSealNonceBytes);
  const std::string_view encrypted = bytes.substr(kSealNonceBytes, bytes.size() - kSealNonceBytes - kSealTagBytes);
  std::string tag(bytes.substr(bytes.size() - kSealTagBytes));
  std::string secret(encrypted.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  if (!cipher || EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, SealBytes(key_), SealBytes(nonce)) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, SealBytes(context), static_cast<int>(context.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), SealBytes(secret), &length, SealBytes(encrypted),
                        static_cast<int>(encrypted.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kSealTagBytes, tag.data()) != 1) {
    return CipherFailed();
  }
  if (EVP_DecryptFinal_ex(cipher.get(), nullptr, &length) != 1) {
    return Internal(fmt::format("the sealed secret of {} was made with another key or belongs elsewhere", context));
  }
  return secret;
}

}  // namespace meetinity::store
