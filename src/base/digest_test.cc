#include "base/digest.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/bytes.h"
#include "base/random.h"

namespace meetinity {
namespace {

std::string HexDigest(DigestAlgorithm algorithm, std::string_view bytes) {
  Digest digest(algorithm);
  digest.Update(bytes);
  return HexEncode(digest.Finish());
}

TEST(Digest, AgreesWithPublishedVectors) {
  const std::string_view check = "123456789";
  EXPECT_EQ(HexDigest(DigestAlgorithm::kCrc32, check), "cbf43926");
  EXPECT_EQ(HexDigest(DigestAlgorithm::kCrc32c, check), "e3069283");
  EXPECT_EQ(HexDigest(DigestAlgorithm::kCrc64Nvme, check), "ae8b14860a799888");
  EXPECT_EQ(HexDigest(DigestAlgorithm::kMd5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(HexDigest(DigestAlgorithm::kSha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(HexDigest(DigestAlgorithm::kSha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, KnowsTheEmptyMessage) {
  EXPECT_EQ(HexDigest(DigestAlgorithm::kCrc64Nvme, ""), "0000000000000000");
  EXPECT_EQ(HexEncode(Md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(HexEncode(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, DoesNotDependOnHowTheMessageIsCut) {
  const std::string message = RandomBytes(4099);
  for (const auto algorithm : {DigestAlgorithm::kMd5, DigestAlgorithm::kSha1, DigestAlgorithm::kSha256,
                               DigestAlgorithm::kCrc32, DigestAlgorithm::kCrc32c, DigestAlgorithm::kCrc64Nvme}) {
    const std::string whole = HexDigest(algorithm, message);
    for (const size_t piece : {1U, 7U, 63U, 64U, 65U, 200U, 1000U}) {
      Digest digest(algorithm);
      for (size_t at = 0; at < message.size(); at += piece) digest.Update(std::string_view(message).substr(at, piece));
      EXPECT_EQ(HexEncode(digest.Finish()), whole) << static_cast<int>(algorithm) << " in pieces of " << piece;
    }
  }
}

TEST(Digest, FinishesOnce) {
  Digest digest(DigestAlgorithm::kSha256);
  digest.Finish();
  EXPECT_DEATH(digest.Finish(), "CHECK failed");
}

// A CRC computed bit by bit, straight from its definition.
template <class Word>
Word BitwiseCrc(Word polynomial, std::string_view bytes) {
  Word crc = static_cast<Word>(~Word{0});
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
  }
  return static_cast<Word>(~crc);
}

TEST(Crc, AgreesWithItsDefinitionAtEveryLength) {
  const std::string bytes = RandomBytes(300);
  for (size_t length = 0; length <= bytes.size(); ++length) {
    const std::string_view message = std::string_view(bytes).substr(bytes.size() - length);
    ASSERT_EQ(Crc32(0, message), BitwiseCrc<uint32_t>(0xedb88320, message)) << length;
    ASSERT_EQ(Crc32c(0, message), BitwiseCrc<uint32_t>(0x82f63b78, message)) << length;
    ASSERT_EQ(Crc64Nvme(0, message), BitwiseCrc<uint64_t>(0x9a6c9329ac4bc9b5, message)) << length;
  }
}

// RFC 4231, test cases 1, 2, 3 and 6 (a key longer than a block).
TEST(HmacSha256, AgreesWithRfc4231) {
  EXPECT_EQ(HexEncode(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HexEncode(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexEncode(HmacSha256(std::string(20, '\xaa'), std::string(50, '\xdd'))),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(HexEncode(HmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Sha256, IsTheSameOnEveryThread) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 1000; ++n) {
        ASSERT_EQ(HexEncode(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace meetinity
