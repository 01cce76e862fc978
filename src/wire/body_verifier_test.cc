#include "wire/body_verifier.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "wire/text_request.h"

namespace meetinity::wire {
namespace {

// What happens to `body` under the promises that `headers` make; the claim's kind is read from the headers as for an
// anonymous sender, which has the same checks but no signature.
std::string Check(std::string_view headers, std::string_view body, BodyUse use = BodyUse::kStored,
                  BodyDigests* digests = nullptr) {
  const TextRequest request("PUT /assets/a.txt HTTP/1.1\n" + std::string(headers));
  const auto run = [&]() -> Result<BodyDigests> {
    TRY(RequireLength(request.head()));
    BodyVerifier verifier(TRY(PlanBody(request.head(), nullptr, nullptr)), use,
                          [](std::string_view) -> Status { return {}; });
    for (const char byte : body) TRY(verifier.Push({&byte, 1}));
    return verifier.Finish();
  };
  Result<BodyDigests> result = run();
  if (!result.ok()) return std::string(result.error().name);
  if (digests != nullptr) *digests = std::move(*result);
  return "ok";
}

constexpr std::string_view kHello = "hello world";
constexpr std::string_view kHelloSha256 = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

TEST(BodyVerifier, TakesWhatMatchesItsPromisesAndRefusesTheRestByName) {
  constexpr struct {
    std::string_view headers, body, error;
  } kCases[] = {
      {"Content-Length: 11", kHello, "ok"},
      {"Content-Length: 12", kHello, "IncompleteBody"},
      {"Content-Length: 10", kHello, "IncompleteBody"},
      {"Host: x", "", "MissingContentLength"},
      {"Content-Length: 0", "", "ok"},
      {"Transfer-Encoding: chunked", kHello, "ok"},
      {"Content-Length: 5368709121", "", "EntityTooLarge"},
      // Content-MD5
      {"Content-Length: 11\nContent-MD5: XrY7u+Ae7tCTyyK7j1rNww==", kHello, "ok"},
      {"Content-Length: 11\nContent-MD5: XrY7u+Ae7tCTyyK7j1rNwg==", kHello, "BadDigest"},
      {"Content-Length: 11\nContent-MD5: XrY7u", kHello, "InvalidDigest"},
      {"Content-Length: 11\nContent-MD5: aGVsbG8=", kHello, "InvalidDigest"},
      // x-amz-content-sha256
      {"Content-Length: 11\nx-amz-content-sha256: UNSIGNED-PAYLOAD", kHello, "ok"},
      {"Content-Length: 11\nx-amz-content-sha256: "
       "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
       kHello, "ok"},
      {"Content-Length: 11\nx-amz-content-sha256: "
       "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
       "hello_world", "XAmzContentSHA256Mismatch"},
      // Checksum headers
      {"Content-Length: 11\nx-amz-checksum-crc32: DUoRhQ==", kHello, "ok"},
      {"Content-Length: 11\nx-amz-checksum-crc32: DUoRhA==", kHello, "BadDigest"},
      {"Content-Length: 11\nx-amz-checksum-crc32: DUoRhQ", kHello, "InvalidRequest"},
      {"Content-Length: 11\nx-amz-checksum-crc32: DUoRhQEB", kHello, "InvalidRequest"},
      {"Content-Length: 11\nx-amz-checksum-crc32c: yZRlqg==", kHello, "ok"},
      {"Content-Length: 11\nx-amz-checksum-sha1: Kq5sNclPz7QV2+lfQIuc6R7oRu0=", kHello, "ok"},
      {"Content-Length: 11\nx-amz-checksum-sha256: uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", kHello, "ok"},
      {"Content-Length: 11\nx-amz-checksum-sha256: uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzem=", kHello,
       "InvalidRequest"},
      {"Content-Length: 11\nx-amz-checksum-sha256: vU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", kHello, "BadDigest"},
      {"Content-Length: 11\nx-amz-checksum-crc32: DUoRhQ==\nx-amz-checksum-crc32c: yZRlqg==", kHello, "InvalidRequest"},
      {"Content-Length: 11\nx-amz-checksum-sha512: DUoRhQ==", kHello, "NotImplemented"},
      {"Content-Length: 11\nx-amz-checksum-algorithm: CRC32\nx-amz-checksum-mode: ENABLED", kHello, "ok"},
      {"Content-Length: 11\nx-amz-sdk-checksum-algorithm: CRC32", kHello, "InvalidRequest"},
      {"Content-Length: 11\nx-amz-sdk-checksum-algorithm: SHA1\nx-amz-checksum-crc32: DUoRhQ==", kHello,
       "InvalidRequest"},
      {"Content-Length: 11\nx-amz-sdk-checksum-algorithm: crc32\nx-amz-checksum-crc32: DUoRhQ==", kHello, "ok"},
      // aws-chunked with a trailer
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"
       "x-amz-decoded-content-length: 11\nx-amz-trailer: x-amz-checksum-crc32",
       "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n", "ok"},
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"
       "x-amz-decoded-content-length: 11\nx-amz-trailer: x-amz-checksum-crc32",
       "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhA==\r\n\r\n", "BadDigest"},
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"
       "x-amz-decoded-content-length: 11\nx-amz-trailer: x-amz-checksum-crc32",
       "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:Zm9v\r\n\r\n", "InvalidRequest"},
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"
       "x-amz-decoded-content-length: 11\nx-amz-trailer: x-amz-checksum-crc32",
       "b\r\nhello world\r\n0\r\n\r\n", "MalformedTrailerError"},
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"
       "x-amz-decoded-content-length: 11\nx-amz-trailer: etag",
       "", "InvalidRequest"},
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER", "",
       "MissingContentLength"},
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"
       "x-amz-decoded-content-length: many",
       "", "InvalidRequest"},
      {"Transfer-Encoding: chunked\nx-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n"
       "x-amz-decoded-content-length: 11",
       "", "InvalidRequest"},  // signed chunks, and nobody who signed
  };
  for (const auto& each : kCases) EXPECT_EQ(Check(each.headers, each.body), each.error) << each.headers;
}

TEST(BodyVerifier, KeepsWhatTheClientSentOrACrc64OfItsOwn) {
  BodyDigests digests;
  ASSERT_EQ(Check("Content-Length: 11", kHello, BodyUse::kStored, &digests), "ok");
  EXPECT_EQ(digests.size, 11u);
  EXPECT_EQ(HexEncode(digests.md5), "5eb63bbbe01eeed093cb22bb8f5acdc3");
  EXPECT_FALSE(digests.client_sent_checksum);
  ASSERT_EQ(digests.checksums.size(), 1u);
  EXPECT_EQ(digests.checksums["CRC64NVME"].size(), 8u);

  ASSERT_EQ(Check("Content-Length: 11\nx-amz-checksum-sha256: uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", kHello,
                  BodyUse::kStored, &digests),
            "ok");
  EXPECT_TRUE(digests.client_sent_checksum);
  ASSERT_EQ(digests.checksums.size(), 1u);
  EXPECT_EQ(HexEncode(digests.checksums["SHA256"]), kHelloSha256);
}

TEST(BodyVerifier, ComputesNothingThatADocumentDoesNotNeed) {
  BodyDigests digests;
  ASSERT_EQ(Check("Content-Length: 11", kHello, BodyUse::kParsed, &digests), "ok");
  EXPECT_TRUE(digests.md5.empty());
  EXPECT_TRUE(digests.checksums.empty());
}

}  // namespace
}  // namespace meetinity::wire
