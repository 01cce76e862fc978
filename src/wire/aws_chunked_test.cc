#include "wire/aws_chunked.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "wire/canonical_request.h"
#include "wire/errors.h"

namespace meetinity::wire {
namespace {

const CredentialScope kScope{"20130524", "us-east-1", "s3"};

ChunkSigning Signing(std::string seed) {
  return {DeriveSigningKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", kScope), "20130524T000000Z", kScope.ToString(),
          std::move(seed)};
}

// S3 API Reference, "Transferring Payload in Multiple Chunks": 65 KiB of 'a' in two chunks.
ChunkedUpload SignedExample() {
  return {PayloadKind::kStreamingSigned,
          66560,
          {},
          Signing("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")};
}

std::string SignedBody() {
  return "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

// "… Including Trailing Headers": the same bytes with a CRC32C after them.
ChunkedUpload TrailerExample() {
  return {PayloadKind::kStreamingSignedTrailer,
          66560,
          {"x-amz-checksum-crc32c"},
          Signing("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")};
}

std::string TrailerBody(std::string_view line_feed = "") {
  return "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
         "x-amz-checksum-crc32c:sOO8/Q==" +
         std::string(line_feed) +
         "\r\n"
         "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
}

ChunkedUpload Unsigned(uint64_t length) {
  return {PayloadKind::kStreamingUnsignedTrailer, length, {"x-amz-checksum-crc32"}, {}};
}

struct Outcome {
  std::string error = "ok";
  std::string data;
  AwsChunkedDecoder::Trailers trailers;
};

// Pushes `body` in pieces whose sizes `next_size` gives.
template <class NextSize>
Outcome Decode(ChunkedUpload upload, std::string_view body, NextSize next_size) {
  Outcome outcome;
  AwsChunkedDecoder decoder(std::move(upload), [&](std::string_view data) -> Status {
    outcome.data += data;
    return {};
  });
  Status status;
  while (status.ok() && !body.empty()) {
    const size_t size = std::min<size_t>(next_size(), body.size());
    status = decoder.Push(body.substr(0, size));
    body.remove_prefix(size);
  }
  if (status.ok()) status = decoder.End();
  if (!status.ok()) outcome.error = status.error().name;
  outcome.trailers = decoder.trailers();
  return outcome;
}

Outcome DecodeWhole(ChunkedUpload upload, std::string_view body) {
  return Decode(std::move(upload), body, [&] { return body.size(); });
}

TEST(AwsChunked, AgreesWithThePublishedExamples) {
  const Outcome plain = DecodeWhole(SignedExample(), SignedBody());
  EXPECT_EQ(plain.error, "ok");
  EXPECT_EQ(plain.data, std::string(66560, 'a'));
  for (const std::string_view line_feed : {"", "\n"}) {
    const Outcome trailed = DecodeWhole(TrailerExample(), TrailerBody(line_feed));
    EXPECT_EQ(trailed.error, "ok");
    ASSERT_EQ(trailed.trailers.size(), 1u);
    EXPECT_EQ(trailed.trailers[0].second, "sOO8/Q==");
  }
}

// However the network splits it, the same bytes and the same verdict.
TEST(AwsChunked, DoesNotDependOnWhereBytesAreSplit) {
  const std::string body = "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
  for (size_t first = 0; first <= body.size(); ++first) {
    for (size_t second = first; second <= body.size(); ++second) {
      size_t call = 0;
      const size_t sizes[] = {first, second - first, body.size() - second};
      const Outcome outcome = Decode(Unsigned(11), body, [&] { return sizes[call++]; });
      ASSERT_EQ(outcome.error, "ok") << first << " " << second;
      ASSERT_EQ(outcome.data, "hello world");
      ASSERT_EQ(outcome.trailers.size(), 1u);
    }
  }
  uint64_t state = 1;
  for (int round = 0; round < 50; ++round) {
    const Outcome outcome = Decode(TrailerExample(), TrailerBody(), [&] {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return static_cast<size_t>(1 + (state >> 33) % 20'000);
    });
    ASSERT_EQ(outcome.error, "ok");
    ASSERT_EQ(outcome.data.size(), 66560u);
  }
}

TEST(AwsChunked, EveryTruncationIsIncomplete) {
  const std::string body = "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(DecodeWhole(Unsigned(11), body.substr(0, size)).error, "IncompleteBody") << size;
  }
}

TEST(AwsChunked, RefusesByName) {
  const struct {
    ChunkedUpload upload;
    std::string body, error;
  } kCases[] = {
      {Unsigned(10), "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "IncompleteBody"},  // more than promised
      {Unsigned(12), "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "IncompleteBody"},  // less
      {Unsigned(5), "ffffffffffffffff\r\nhello", "IncompleteBody"},
      {Unsigned(5), "11111111111111111\r\nhello", "InvalidRequest"},
      {Unsigned(5), "\r\nhello", "InvalidRequest"},
      {Unsigned(5), "-5\r\nhello\r\n", "InvalidRequest"},
      {Unsigned(5), "5\nhello\r\n", "InvalidRequest"},
      {Unsigned(5), "5\r\nhelloo\r\n", "InvalidRequest"},
      {Unsigned(5), "5\r\nhello\r\n0\r\n\r\nmore", "InvalidRequest"},
      {Unsigned(5), std::string(300, '0'), "InvalidRequest"},
      {Unsigned(5), "5\r\nhello\r\n0\r\nx-amz-checksum-sha1:x\r\n\r\n", "MalformedTrailerError"},
      {Unsigned(5), "5\r\nhello\r\n0\r\nx-amz-checksum-crc32\r\n\r\n", "InvalidRequest"},
      {Unsigned(5), "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:a\r\nx-amz-checksum-crc32:b\r\n\r\n", "InvalidRequest"},
      {Unsigned(5), "5\r\nhello\r\n0\r\n" + std::string(2000, 'x'), "InvalidRequest"},
      {SignedExample(), "5\r\nhello\r\n0\r\n\r\n", "InvalidRequest"},
      {SignedExample(), "5;chunk-signature=00\r\nhello\r\n", "SignatureDoesNotMatch"},
  };
  for (const auto& each : kCases) EXPECT_EQ(DecodeWhole(each.upload, each.body).error, each.error) << each.body;
}

TEST(AwsChunked, NoticesAChangedByteInASignedChunk) {
  for (const size_t at : {size_t{100}, size_t{65000}, size_t{65536 + 85 + 90 + 500}}) {
    std::string body = SignedBody();
    ASSERT_EQ(body[at], 'a');
    body[at] = 'b';
    EXPECT_EQ(DecodeWhole(SignedExample(), body).error, "SignatureDoesNotMatch");
  }
  std::string trailer = TrailerBody();
  trailer[trailer.find("sOO8")] = 't';
  EXPECT_EQ(DecodeWhole(TrailerExample(), trailer).error, "SignatureDoesNotMatch");
}

// A client that would make us compute a signature a byte.
TEST(AwsChunked, RefusesSmallSignedChunksExceptTheLast) {
  ChunkedUpload upload = SignedExample();
  upload.decoded_length = 200;
  const auto sign = [&](std::string_view data) {
    std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n" + upload.signing.scope + "\n" +
                       upload.signing.seed_signature + "\n" + std::string(kEmptySha256) + "\n" +
                       HexEncode(Sha256(data));
    return SignatureOf(upload.signing.signing_key, text);
  };
  const std::string data(100, 'a');
  const std::string body = "64;chunk-signature=" + sign(data) + "\r\n" + data + "\r\n64;chunk-signature=00\r\n";
  EXPECT_EQ(DecodeWhole(upload, body).error, "InvalidChunkSizeError");
}

}  // namespace
}  // namespace meetinity::wire
