#include "engine/edge/compressor.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace meetinity::edge {
namespace {

using namespace std::chrono_literals;

OriginAnswer Answer(int status, std::string type, std::optional<uint64_t> size) {
  OriginAnswer answer;
  auto head = std::make_shared<ResponseHead>();
  head->status = status;
  head->content_type = std::move(type);
  head->content_length = size;
  answer.head = head;
  return answer;
}

CachePolicy Compressing() {
  CachePolicy policy;
  policy.compress = policy.accept_encoding_gzip = policy.accept_encoding_brotli = true;
  return policy;
}

constexpr AcceptedEncodings kBoth{.gzip = true, .brotli = true};

TEST(Compressor, PrefersBrotli) {
  EXPECT_EQ(ChooseCoding(Answer(200, "text/css; charset=utf-8", 5'000), Compressing(), 1s, kBoth), Coding::kBrotli);
  EXPECT_EQ(ChooseCoding(Answer(200, "TEXT/CSS", 5'000), Compressing(), 1s, {.gzip = true}), Coding::kGzip);
  EXPECT_EQ(ChooseCoding(Answer(200, "text/css", 5'000), Compressing(), 1s, {}), std::nullopt);
}

TEST(Compressor, KeepsToItsSizesStatusesAndTypes) {
  const auto chooses = [](const OriginAnswer& answer) {
    return ChooseCoding(answer, Compressing(), 1s, kBoth).has_value();
  };
  EXPECT_FALSE(chooses(Answer(200, "text/css", 999)));
  EXPECT_TRUE(chooses(Answer(200, "text/css", 1'000)));
  EXPECT_TRUE(chooses(Answer(404, "text/css", 10'000'000)));
  EXPECT_FALSE(chooses(Answer(200, "text/css", 10'000'001)));
  EXPECT_FALSE(chooses(Answer(200, "text/css", std::nullopt)));
  EXPECT_FALSE(chooses(Answer(301, "text/css", 5'000)));
  EXPECT_FALSE(chooses(Answer(200, "font/woff2", 5'000)));
  EXPECT_FALSE(chooses(Answer(200, "application/octet-stream", 5'000)));
}

TEST(Compressor, LeavesAloneWhatIsEncodedOrMustNotChange) {
  OriginAnswer encoded = Answer(200, "text/css", 5'000);
  encoded.has_content_encoding = true;
  EXPECT_FALSE(ChooseCoding(encoded, Compressing(), 1s, kBoth).has_value());
  OriginAnswer fixed = Answer(200, "text/css", 5'000);
  fixed.traits.cache_control.no_transform = true;
  EXPECT_FALSE(ChooseCoding(fixed, Compressing(), 1s, kBoth).has_value());
  EXPECT_FALSE(ChooseCoding(Answer(200, "text/css", 5'000), Compressing(), 0s, kBoth).has_value());
}

TEST(Compressor, GzipRestores) {
  const std::string body(50'000, 'a');
  const Result<std::string> packed = Compress(Coding::kGzip, body);
  ASSERT_TRUE(packed.ok());
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string restored(body.size(), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed->data()));
  stream.avail_in = static_cast<uInt>(packed->size());
  stream.next_out = reinterpret_cast<Bytef*>(restored.data());
  stream.avail_out = static_cast<uInt>(restored.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(restored, body);
}

TEST(Compressor, BrotliRestores) {
  const std::string body(50'000, 'b');
  const Result<std::string> packed = Compress(Coding::kBrotli, body);
  ASSERT_TRUE(packed.ok());
  std::string restored(body.size(), '\0');
  size_t size = restored.size();
  EXPECT_EQ(BrotliDecoderDecompress(packed->size(), reinterpret_cast<const uint8_t*>(packed->data()), &size,
                                    reinterpret_cast<uint8_t*>(restored.data())),
            BROTLI_DECODER_RESULT_SUCCESS);
  EXPECT_EQ(size, body.size());
  EXPECT_EQ(restored, body);
}

}  // namespace
}  // namespace meetinity::edge
