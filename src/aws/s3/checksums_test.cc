#include "aws/s3/checksums.h"

#include <gtest/gtest.h>

#include "aws/s3/errors.h"
#include "base/bytes.h"

namespace meetinity::s3 {
namespace {

std::string DigestOf(DigestAlgorithm algorithm, std::string_view bytes) {
  Digest digest(algorithm);
  digest.Update(bytes);
  return digest.Finish();
}

TEST(Etag, OfPartsIsTheDigestOfTheirDigests) {
  // md5(md5("a") + md5("b")), by hand with md5sum and xxd.
  const std::string etag = MultipartEtag({HexEncode(Md5("a")), HexEncode(Md5("b"))}).value();
  EXPECT_EQ(etag, HexEncode(Md5(Md5("a") + Md5("b"))) + "-2");
}

TEST(Crc, OfTwoRunsFollowsFromTheirOwn) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += static_cast<char>(i * 7);
  for (DigestAlgorithm algorithm : {DigestAlgorithm::kCrc32, DigestAlgorithm::kCrc32c, DigestAlgorithm::kCrc64Nvme}) {
    for (size_t cut : {size_t{0}, size_t{1}, size_t{4096}, bytes.size()}) {
      const std::string first = bytes.substr(0, cut), second = bytes.substr(cut);
      EXPECT_EQ(CombineCrcs(algorithm, DigestOf(algorithm, first), DigestOf(algorithm, second), second.size()),
                DigestOf(algorithm, bytes))
          << static_cast<int>(algorithm) << " cut at " << cut;
    }
  }
}

TEST(ChecksumTypeOfUpload, FollowsTheAlgorithm) {
  EXPECT_EQ(MultipartChecksumType("CRC32", std::nullopt).value(), kComposite);
  EXPECT_EQ(MultipartChecksumType("CRC64NVME", std::nullopt).value(), kFullObject);
  EXPECT_EQ(MultipartChecksumType("CRC32", "FULL_OBJECT").value(), kFullObject);
  EXPECT_EQ(MultipartChecksumType("SHA256", std::nullopt).value(), kComposite);
  EXPECT_EQ(MultipartChecksumType("SHA256", "FULL_OBJECT").error().name, kInvalidRequest);
  EXPECT_EQ(MultipartChecksumType("CRC64NVME", "COMPOSITE").error().name, kInvalidRequest);
}

TEST(ChecksumOfUpload, IsADigestOfDigestsWhenComposite) {
  const std::string one = DigestOf(DigestAlgorithm::kSha256, "one"), two = DigestOf(DigestAlgorithm::kSha256, "two");
  const StoredChecksum checksum =
      CombineChecksums({"SHA256", std::string(kComposite), ""}, {{Base64Encode(one), 3}, {Base64Encode(two), 3}})
          .value();
  EXPECT_EQ(checksum.value, Base64Encode(DigestOf(DigestAlgorithm::kSha256, one + two)) + "-2");
}

TEST(ChecksumOfUpload, IsTheObjectsOwnWhenFull) {
  const auto crc = [](std::string_view bytes) { return Base64Encode(DigestOf(DigestAlgorithm::kCrc32, bytes)); };
  const StoredChecksum checksum =
      CombineChecksums({"CRC32", std::string(kFullObject), ""}, {{crc("one "), 4}, {crc("two "), 4}, {crc("three"), 5}})
          .value();
  EXPECT_EQ(checksum.value, crc("one two three"));
}

}  // namespace
}  // namespace meetinity::s3
