#include "aws/cloudfront/log_delivery.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <map>

#include "aws/cloudfront/errors.h"
#include "base/random.h"

namespace meetinity::cloudfront {
namespace {

std::string Gunzip(const std::string& gzip) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

class LogDeliveryTest : public testing::Test {
 protected:
  LogDeliveryTest() { Open(); }
  ~LogDeliveryTest() override { std::filesystem::remove_all(directory_); }

  void Open() {
    delivery_.reset();
    spool_ = store::LineSpool::Open(directory_, clock_).value();
    delivery_ = std::make_unique<LogDelivery>(
        *spool_, clock_, [this](const std::string& bucket, const std::string& key, std::string_view gzip) -> Status {
          if (bucket == refusing_) return Error{Kind::kNotFound, "NoSuchBucket", "gone"};
          ++puts_;
          objects_[bucket + "/" + key] = Gunzip(std::string(gzip));
          return {};
        });
  }
  static std::string Line(std::string_view stream, std::string_view hour, std::string_view rest) {
    return fmt::format("{}\t2024-01-01\t{}:59:59\t{}\n", stream, hour, rest);
  }
  // The rows under the header lines, of all objects whose names begin so.
  std::string RowsOf(std::string_view beginning) {
    std::string rows;
    for (const auto& [name, text] : objects_) {
      if (!name.starts_with(beginning)) continue;
      const std::string header = fmt::format("#Version: 1.0\n#Fields: {}\n", edge::kAccessLogFields);
      EXPECT_TRUE(text.starts_with(header)) << text;
      rows += text.substr(header.size());
    }
    return rows;
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("log-delivery-" + RandomText(10, kLowerAlphanumeric));
  FakeClock clock_;
  std::string refusing_;
  int puts_ = 0;
  std::map<std::string, std::string> objects_;
  std::unique_ptr<store::LineSpool> spool_;
  std::unique_ptr<LogDelivery> delivery_;
};

TEST_F(LogDeliveryTest, MakesAnObjectOfEachDistributionsHour) {
  delivery_->Append(Line("E1/logs/cdn/x", "03", "a") + Line("E1/logs/cdn/x", "04", "b") + Line("E2/logs/", "03", "c"));
  delivery_->Append(Line("E1/logs/cdn/x", "03", "d"));
  ASSERT_TRUE(delivery_->lines().Deliver().ok());
  EXPECT_EQ(objects_.size(), 3U);
  EXPECT_EQ(RowsOf("logs/cdn/x/E1.2024-01-01-03."), "2024-01-01\t03:59:59\ta\n2024-01-01\t03:59:59\td\n");
  EXPECT_EQ(RowsOf("logs/cdn/x/E1.2024-01-01-04."), "2024-01-01\t04:59:59\tb\n");
  EXPECT_EQ(RowsOf("logs/E2.2024-01-01-03."), "2024-01-01\t03:59:59\tc\n");
  EXPECT_EQ(objects_.begin()->first.size(), std::string("logs/E2.2024-01-01-03.01234567.gz").size());
  EXPECT_EQ(spool_->bytes(), 0U);
}

TEST_F(LogDeliveryTest, WritesNothingForAnIdleTime) {
  ASSERT_TRUE(delivery_->lines().Deliver().ok());
  EXPECT_EQ(puts_, 0);
}

TEST_F(LogDeliveryTest, WritesTheSameObjectsAgainAfterACrash) {
  refusing_ = "other";
  delivery_->Append(Line("E1/logs/", "03", "a") + Line("E2/other/", "03", "b"));
  EXPECT_FALSE(delivery_->lines().Deliver().ok());
  const auto before = objects_;
  EXPECT_FALSE(delivery_->lines().Deliver().ok());
  EXPECT_EQ(puts_, 1) << "what has arrived is not sent again while the process lives";
  Open();
  refusing_.clear();
  ASSERT_TRUE(delivery_->lines().Deliver().ok());
  EXPECT_EQ(puts_, 3);
  EXPECT_EQ(objects_.size(), 2U) << "the object that was there already has kept its name";
  EXPECT_EQ(objects_.at(before.begin()->first), before.begin()->second);
}

TEST_F(LogDeliveryTest, GivesUpADayAfterABucketWentAway) {
  refusing_ = "logs";
  delivery_->Append(Line("E1/logs/", "03", "a"));
  clock_.Advance(kDay - std::chrono::seconds(1));
  EXPECT_FALSE(delivery_->lines().Deliver().ok());
  EXPECT_GT(spool_->bytes(), 0U);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(delivery_->lines().Deliver().ok());
  EXPECT_EQ(spool_->bytes(), 0U);
}

TEST_F(LogDeliveryTest, PassesOverLinesThatAPowerCutSpoiled) {
  delivery_->Append(std::string("\0\0\0\n", 4) + "E1/logs/\tnonsense\n" + Line("E1/logs/", "03", "a"));
  ASSERT_TRUE(delivery_->lines().Deliver().ok());
  EXPECT_EQ(RowsOf("logs/"), "2024-01-01\t03:59:59\ta\n");
}

TEST(LogStream, NamesDistributionBucketAndPrefix) {
  LoggingConfig logging;
  logging.bucket = "my.logs.s3.eu-west-1.amazonaws.com";
  logging.prefix = "a/b";
  EXPECT_EQ(LogStream("E1", logging), "E1/my.logs/a/b");
}

}  // namespace
}  // namespace meetinity::cloudfront
