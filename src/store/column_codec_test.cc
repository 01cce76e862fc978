#include "store/column_codec.h"

#include <gtest/gtest.h>

namespace meetinity::store {
namespace {

template <class T>
void ExpectRoundTrip(const T& value) {
  const Result<T> back = ColumnCodec<T>::Decode(Value(ColumnCodec<T>::Encode(value)));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, value);
}

TEST(ColumnCodec, GivesBackWhatItTook) {
  ExpectRoundTrip(int{-7});
  ExpectRoundTrip(INT64_MIN);
  ExpectRoundTrip(uint32_t{UINT32_MAX});
  ExpectRoundTrip(uint64_t{INT64_MAX});
  ExpectRoundTrip(true);
  ExpectRoundTrip(0.1);
  ExpectRoundTrip(std::string("a\0b", 3));
  ExpectRoundTrip(Instant::Utc("2024-01-01T03:00:00.000000001Z"));
  ExpectRoundTrip(std::optional<std::string>());
  ExpectRoundTrip(std::optional<std::string>(""));
  ExpectRoundTrip(std::optional<Instant>(Instant::FromUnixSeconds(1)));
}

TEST(ColumnCodec, RefusesAnotherType) {
  EXPECT_FALSE(ColumnCodec<int>::Decode(Value("1")).ok());
  EXPECT_FALSE(ColumnCodec<int>::Decode(Value()).ok());
  EXPECT_FALSE(ColumnCodec<std::string>::Decode(Value(int64_t{1})).ok());
  EXPECT_FALSE(ColumnCodec<std::optional<int>>::Decode(Value("1")).ok());
}

TEST(ColumnCodec, RefusesANumberTooLargeForItsMember) {
  EXPECT_FALSE(ColumnCodec<int>::Decode(Value(int64_t{INT32_MAX} + 1)).ok());
  EXPECT_FALSE(ColumnCodec<uint32_t>::Decode(Value(int64_t{-1})).ok());
  EXPECT_DEATH(ColumnCodec<uint64_t>::Encode(UINT64_MAX), "CHECK failed");
}

}  // namespace
}  // namespace meetinity::store
