#include "aws/cloudfront/config_cache.h"

#include <gtest/gtest.h>

namespace meetinity::cloudfront {
namespace {

DistributionRecord RecordOf(std::string id, std::string comment) {
  DistributionConfig config;
  config.comment = std::move(comment);
  DistributionRecord record;
  record.id = std::move(id);
  record.config = SaveConfig(config);
  return record;
}

TEST(ConfigCache, AnswersWhatTheRecordSaysNow) {
  ConfigCache cache;
  for (const char* comment : {"first", "first", "second", "first"}) {
    const auto config = cache.Load(RecordOf("E1", comment));
    ASSERT_TRUE(config.ok());
    EXPECT_EQ(config->comment, comment);
  }
}

TEST(ConfigCache, StaysRightWithMoreDistributionsThanItKeeps) {
  ConfigCache cache;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 200; ++i) {
      const std::string id = "E" + std::to_string(i);
      const auto config = cache.Load(RecordOf(id, id));
      ASSERT_TRUE(config.ok());
      EXPECT_EQ(config->comment, id);
    }
  }
}

TEST(ConfigCache, RefusesWhatIsNoConfiguration) {
  ConfigCache cache;
  DistributionRecord record = RecordOf("E1", "");
  record.config = "no JSON";
  EXPECT_FALSE(cache.Load(record).ok());
}

}  // namespace
}  // namespace meetinity::cloudfront
