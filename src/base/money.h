#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace meetinity {

inline constexpr std::string_view kUnknownCurrency = "UnknownCurrency";
inline constexpr std::string_view kCurrencyMismatch = "CurrencyMismatch";
inline constexpr std::string_view kAmountOverflow = "AmountOverflow";
inline constexpr std::string_view kInvalidAmount = "InvalidAmount";

// An ISO 4217 currency and its number of minor digits (JPY 0, EUR 2, KWD 3).
class Currency {
 public:
  static Result<Currency> Parse(std::string_view code);  // any case
  std::string_view code() const { return {code_, 3}; }   // upper case
  int digits() const { return digits_; }
  bool operator==(const Currency&) const = default;

 private:
  char code_[3] = {};
  int digits_ = 2;
};

// An integer of minor units and its currency, never apart.
class Money {
 public:
  Money(int64_t minor_units, Currency currency) : minor_(minor_units), currency_(currency) {}
  // "10.50" for EUR, "1050" for JPY; refuses more digits than the currency has.
  static Result<Money> ParseDecimal(std::string_view text, Currency currency);

  int64_t minor_units() const { return minor_; }
  Currency currency() const { return currency_; }

  Result<Money> Plus(const Money& other) const;
  Result<Money> Minus(const Money& other) const;
  Result<bool> Exceeds(const Money& other) const;
  // Parts that differ by at most one minor unit and add up to the whole; the larger come first. parts ≥ 1.
  std::vector<Money> Split(int parts) const;

  std::string ToDecimal() const;  // "10.50"
  std::string ToString() const;   // "10.50 EUR"
  bool operator==(const Money&) const = default;

 private:
  int64_t minor_;
  Currency currency_;
};

}  // namespace meetinity
