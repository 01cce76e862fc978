#include "base/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace meetinity {
namespace {

Money Of(int64_t minor, std::string_view currency) { return Money(minor, *Currency::Parse(currency)); }

TEST(Currency, KnowsItsDigits) {
  EXPECT_EQ(Currency::Parse("eur")->code(), "EUR");
  EXPECT_EQ(Currency::Parse("EUR")->digits(), 2);
  EXPECT_EQ(Currency::Parse("JPY")->digits(), 0);
  EXPECT_EQ(Currency::Parse("KWD")->digits(), 3);
  EXPECT_EQ(Currency::Parse("CLF")->digits(), 4);
}

TEST(Currency, RefusesWhatIsNotIso4217) {
  for (const char* code : {"", "EU", "EURO", "XYZ", "E R", "ED ", "   "}) {
    const auto currency = Currency::Parse(code);
    ASSERT_FALSE(currency.ok()) << code;
    EXPECT_EQ(currency.error().name, kUnknownCurrency);
  }
}

TEST(Money, WritesWhatItReads) {
  for (const auto& [text, currency, minor] :
       std::vector<std::tuple<std::string, std::string, int64_t>>{{"10.50", "EUR", 1050},
                                                                  {"-0.05", "EUR", -5},
                                                                  {"1050", "JPY", 1050},
                                                                  {"1.234", "KWD", 1234},
                                                                  {"0.00", "EUR", 0}}) {
    const auto money = Money::ParseDecimal(text, *Currency::Parse(currency));
    ASSERT_TRUE(money.ok()) << text;
    EXPECT_EQ(money->minor_units(), minor);
    EXPECT_EQ(money->ToDecimal(), text);
  }
  EXPECT_EQ(Of(1050, "EUR").ToString(), "10.50 EUR");
  EXPECT_EQ(Money::ParseDecimal("7.5", *Currency::Parse("EUR"))->minor_units(), 750);
}

TEST(Money, ReadsTheWholeRange) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
  for (const int64_t minor : {kLeast, kMost}) {
    EXPECT_EQ(*Money::ParseDecimal(Of(minor, "EUR").ToDecimal(), *Currency::Parse("EUR")), Of(minor, "EUR"));
  }
  EXPECT_EQ(Money::ParseDecimal("92233720368547758.08", *Currency::Parse("EUR")).error().name, kAmountOverflow);
}

TEST(Money, RefusesMoreDigitsThanTheCurrencyHas) {
  for (const auto& [text, currency] : std::vector<std::pair<std::string, std::string>>{{"1.005", "EUR"},
                                                                                       {"1.0", "JPY"},
                                                                                       {"1.", "EUR"},
                                                                                       {".5", "EUR"},
                                                                                       {"", "EUR"},
                                                                                       {"-", "EUR"},
                                                                                       {"1e3", "EUR"},
                                                                                       {"1,5", "EUR"},
                                                                                       {"+1", "EUR"},
                                                                                       {"1.-5", "EUR"},
                                                                                       {" 1", "EUR"}}) {
    const auto money = Money::ParseDecimal(text, *Currency::Parse(currency));
    ASSERT_FALSE(money.ok()) << text;
    EXPECT_EQ(money.error().name, kInvalidAmount) << text;
  }
}

TEST(Money, AddsAndSubtractsInOneCurrencyOnly) {
  EXPECT_EQ(*Of(1050, "EUR").Plus(Of(-50, "EUR")), Of(1000, "EUR"));
  EXPECT_EQ(*Of(1050, "EUR").Minus(Of(2000, "EUR")), Of(-950, "EUR"));
  EXPECT_TRUE(*Of(2, "EUR").Exceeds(Of(1, "EUR")));
  EXPECT_FALSE(*Of(1, "EUR").Exceeds(Of(1, "EUR")));
  EXPECT_EQ(Of(1, "EUR").Plus(Of(1, "USD")).error().name, kCurrencyMismatch);
  EXPECT_EQ(Of(1, "EUR").Minus(Of(1, "USD")).error().name, kCurrencyMismatch);
  EXPECT_EQ(Of(1, "EUR").Exceeds(Of(1, "USD")).error().name, kCurrencyMismatch);
}

TEST(Money, RefusesToOverflow) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Of(kMost, "EUR").Plus(Of(1, "EUR")).error().name, kAmountOverflow);
  EXPECT_EQ(Of(-2, "EUR").Minus(Of(kMost, "EUR")).error().name, kAmountOverflow);
}

TEST(Money, SplitsIntoPartsThatAddUp) {
  for (const int64_t minor : {100, 101, 102, 0, 1, -1, -100, -101}) {
    const std::vector<Money> parts = Of(minor, "EUR").Split(3);
    ASSERT_EQ(parts.size(), 3U);
    int64_t sum = 0;
    for (const Money& part : parts) sum += part.minor_units();
    EXPECT_EQ(sum, minor);
    EXPECT_GE(parts.front().minor_units(), parts.back().minor_units());
    EXPECT_LE(parts.front().minor_units() - parts.back().minor_units(), 1);
  }
}

}  // namespace
}  // namespace meetinity
