#include "store/line_delivery.h"

#include <gtest/gtest.h>

#include "store/temporary_directory.h"

namespace meetinity::store {
namespace {

class LineDeliveryTest : public testing::Test {
 protected:
  LineDeliveryTest() { Open(); }

  void Open() {
    delivery_.reset();
    spool_ = LineSpool::Open(directory_.path() + "/spool", clock_).value();
    // "bucket text": an object a segment and bucket.
    const auto sort = [](std::string_view line,
                         const LineSpool::Segment& segment) -> std::optional<LineDelivery::Sorted> {
      const size_t space = line.find(' ');
      if (space == std::string_view::npos) return std::nullopt;
      return LineDelivery::Sorted{{std::string(line.substr(0, space)), segment.name}, line.substr(space + 1)};
    };
    const auto put = [this](const LineDelivery::Place& place, const std::string& lines) -> Status {
      if (place.bucket == refusing_) return Error{Kind::kNotFound, "NoSuchBucket", "gone"};
      ++puts_;
      objects_[place] = lines;
      return {};
    };
    delivery_ = std::make_unique<LineDelivery>(*spool_, clock_, "test", sort, put);
  }

  TemporaryDirectory directory_;
  FakeClock clock_;
  std::string refusing_;
  int puts_ = 0;
  std::map<LineDelivery::Place, std::string> objects_;
  std::unique_ptr<LineSpool> spool_;
  std::unique_ptr<LineDelivery> delivery_;
};

TEST_F(LineDeliveryTest, BringsLinesToTheirPlacesInOrder) {
  delivery_->Append("a 1\nb 2\n");
  delivery_->Append("nowhere\na 3\n");
  ASSERT_TRUE(delivery_->Deliver().ok());
  ASSERT_EQ(objects_.size(), 2u);
  EXPECT_EQ(objects_.begin()->second, "1\n3\n");
  EXPECT_EQ(objects_.rbegin()->second, "2\n");
  EXPECT_EQ(spool_->bytes(), 0u);
  ASSERT_TRUE(delivery_->Deliver().ok());
  EXPECT_EQ(puts_, 2) << "an idle time leaves nothing behind";
}

TEST_F(LineDeliveryTest, RepeatsWhatWasRefusedAndNothingElse) {
  refusing_ = "b";
  delivery_->Append("a 1\nb 2\n");
  const Status first = delivery_->Deliver();
  ASSERT_FALSE(first.ok());
  EXPECT_NE(first.error().detail.find("s3://b/"), std::string::npos) << first.error().detail;
  EXPECT_FALSE(delivery_->Deliver().ok());
  EXPECT_EQ(puts_, 1);
  refusing_.clear();
  ASSERT_TRUE(delivery_->Deliver().ok());
  EXPECT_EQ(puts_, 2);
}

TEST_F(LineDeliveryTest, WritesTheSameObjectsAgainAfterACrash) {
  refusing_ = "b";
  delivery_->Append("a 1\nb 2\n");
  EXPECT_FALSE(delivery_->Deliver().ok());
  const auto before = objects_;
  Open();
  refusing_.clear();
  ASSERT_TRUE(delivery_->Deliver().ok());
  EXPECT_EQ(objects_.size(), 2u);
  EXPECT_EQ(*objects_.begin(), *before.begin());
}

TEST_F(LineDeliveryTest, GivesUpADayAfterAPlaceWentAway) {
  refusing_ = "a";
  delivery_->Append("a 1\n");
  clock_.Advance(kDay - std::chrono::seconds(1));
  EXPECT_FALSE(delivery_->Deliver().ok());
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(delivery_->Deliver().ok());
  EXPECT_EQ(spool_->bytes(), 0u);
}

TEST_F(LineDeliveryTest, ForgetsWhatItIsToldTo) {
  delivery_->Append("a 1\n");
  ASSERT_TRUE(delivery_->Discard().ok());
  ASSERT_TRUE(delivery_->Deliver().ok());
  EXPECT_EQ(puts_, 0);
}

}  // namespace
}  // namespace meetinity::store
