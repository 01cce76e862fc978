#include "aws/elbv2/log_delivery.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <map>

#include "base/random.h"

namespace meetinity::elbv2 {
namespace {

constexpr std::string_view kSite =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/site/0123456789abcdef";

std::string Gunzip(std::string_view gzip) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string out(1 << 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

class Elbv2LogDeliveryTest : public testing::Test {
 protected:
  ~Elbv2LogDeliveryTest() override { std::filesystem::remove_all(directory_); }

  static Attributes Logging(const std::string& prefix) {
    return {{"access_logs.s3.bucket", "logs"}, {"access_logs.s3.prefix", prefix}};
  }
  void Finish(std::string_view load_balancer, const std::string& method) {
    balancer::AccessRecord record;
    record.load_balancer_id = std::string(load_balancer);
    record.method = method;
    delivery_.Append(record);
  }

  FakeClock clock_{Instant::Utc("2024-01-02T03:04:05Z")};
  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("elbv2-logs-" + RandomText(10, kLowerAlphanumeric));
  std::unique_ptr<store::LineSpool> spool_ = store::LineSpool::Open(directory_, clock_).value();
  std::map<std::string, std::string> objects_;
  LogDelivery delivery_{*spool_, clock_,
                        [this](const std::string& bucket, const std::string& key, std::string_view gzip) -> Status {
                          objects_[bucket + "/" + key] = Gunzip(gzip);
                          return {};
                        }};
};

TEST_F(Elbv2LogDeliveryTest, LinesArriveUnderTheNamesOfAws) {
  delivery_.SetStreams({{std::string(kSite), LogStream(kSite, Logging("web"))}});
  Finish(kSite, "GET");
  Finish(kSite, "PUT");
  Finish("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/silent/0123456789abcdef", "GET");
  ASSERT_TRUE(delivery_.lines().Deliver().ok());
  ASSERT_EQ(objects_.size(), 1u);
  const auto& [name, text] = *objects_.begin();
  EXPECT_TRUE(name.starts_with(
      "logs/web/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2024/01/02/"
      "123456789012_elasticloadbalancing_eu-west-1_app.site.0123456789abcdef_20240102T0304Z_127.0.0.1_"))
      << name;
  EXPECT_TRUE(name.ends_with(".log.gz")) << name;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_NE(text.find("app/site/0123456789abcdef"), std::string::npos) << text;
  EXPECT_EQ(text.find('\t'), std::string::npos) << text;
}

TEST_F(Elbv2LogDeliveryTest, WithoutAPrefixNamesBeginWithAwsLogs) {
  EXPECT_EQ(LogTestKey("", "123456789012"), "AWSLogs/123456789012/ELBAccessLogTestFile");
  EXPECT_EQ(LogTestKey("web", "123456789012"), "web/AWSLogs/123456789012/ELBAccessLogTestFile");
  delivery_.SetStreams({{std::string(kSite), LogStream(kSite, Logging(""))}});
  Finish(kSite, "GET");
  ASSERT_TRUE(delivery_.lines().Deliver().ok());
  EXPECT_TRUE(objects_.begin()->first.starts_with("logs/AWSLogs/"));
}

}  // namespace
}  // namespace meetinity::elbv2
