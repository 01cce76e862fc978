#include "base/money.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace meetinity {
namespace {

// ISO 4217, active codes, by number of minor digits.
constexpr std::string_view kTwoDigits =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP "
    "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES "
    "KGS "
    "KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD "
    "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TOP "
    "TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";
constexpr std::string_view kNoDigits = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kFourDigits = "CLF UYW";

bool Lists(std::string_view codes, std::string_view code) {
  for (size_t at = 0; at < codes.size(); at += 4) {
    if (codes.substr(at, 3) == code) return true;
  }
  return false;
}

int64_t PowerOfTen(int digits) {
  int64_t power = 1;
  for (; digits > 0; --digits) power *= 10;
  return power;
}

Error Overflow() { return Error{Kind::kInvalid, kAmountOverflow, "the amount is larger than can be kept"}; }

Error Mismatch(Currency a, Currency b) {
  return Error{Kind::kInvalid, kCurrencyMismatch, fmt::format("{} and {} cannot be combined", a.code(), b.code())};
}

// Reads an optional sign and digits with at most `digits` behind a point, as minor units; nothing for another form.
Result<std::optional<int64_t>> ParseMinor(std::string_view text, int digits) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const bool ends_with_point = point < text.size() && fraction.empty();
  if (whole.empty() || ends_with_point || fraction.size() > static_cast<size_t>(digits))
    return std::optional<int64_t>();
  int64_t minor = 0;
  const auto append = [&](int digit) {
    // Built towards the sign, so that the smallest amount there is can be read too.
    return !__builtin_mul_overflow(minor, 10, &minor) &&
           !__builtin_add_overflow(minor, negative ? -digit : digit, &minor);
  };
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return std::optional<int64_t>();
      if (!append(c - '0')) return Overflow();
    }
  }
  for (size_t i = fraction.size(); i < static_cast<size_t>(digits); ++i) {
    if (!append(0)) return Overflow();
  }
  return std::optional<int64_t>(minor);
}

}  // namespace

Result<Currency> Currency::Parse(std::string_view code) {
  std::string upper(code.substr(0, 4));
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  Currency currency;
  if (upper.size() == 3 && upper.find(' ') == std::string::npos) {
    std::copy_n(upper.begin(), 3, currency.code_);
    constexpr std::array<std::pair<std::string_view, int>, 4> kByDigits = {
        {{kTwoDigits, 2}, {kNoDigits, 0}, {kThreeDigits, 3}, {kFourDigits, 4}}};
    for (const auto& [codes, digits] : kByDigits) {
      if (!Lists(codes, upper)) continue;
      currency.digits_ = digits;
      return currency;
    }
  }
  return Error{Kind::kInvalid, kUnknownCurrency,
               fmt::format("'{}' is not a currency; write an ISO 4217 code such as EUR", code.substr(0, 16))};
}

Result<Money> Money::ParseDecimal(std::string_view text, Currency currency) {
  const std::optional<int64_t> minor = TRY(ParseMinor(text, currency.digits()));
  if (minor) return Money(*minor, currency);
  return Error{Kind::kInvalid, kInvalidAmount,
               fmt::format("'{}' is not an amount of {}; write it like {}", text.substr(0, 32), currency.code(),
                           Money(10 * PowerOfTen(currency.digits()), currency).ToDecimal())};
}

Result<Money> Money::Plus(const Money& other) const {
  if (currency_ != other.currency_) return Mismatch(currency_, other.currency_);
  int64_t sum = 0;
  if (__builtin_add_overflow(minor_, other.minor_, &sum)) return Overflow();
  return Money(sum, currency_);
}

Result<Money> Money::Minus(const Money& other) const {
  if (currency_ != other.currency_) return Mismatch(currency_, other.currency_);
  int64_t difference = 0;
  if (__builtin_sub_overflow(minor_, other.minor_, &difference)) return Overflow();
  return Money(difference, currency_);
}

Result<bool> Money::Exceeds(const Money& other) const {
  if (currency_ != other.currency_) return Mismatch(currency_, other.currency_);
  return minor_ > other.minor_;
}

std::vector<Money> Money::Split(int parts) const {
  CHECK(parts >= 1);
  // Rounded down, also below zero, so that what is left over is between 0 and parts - 1.
  int64_t each = minor_ / parts;
  int64_t left = minor_ % parts;
  if (left < 0) {
    left += parts;
    each -= 1;
  }
  std::vector<Money> split;
  split.reserve(static_cast<size_t>(parts));
  for (int i = 0; i < parts; ++i) split.emplace_back(each + (i < left ? 1 : 0), currency_);
  return split;
}

std::string Money::ToDecimal() const {
  if (currency_.digits() == 0) return fmt::format("{}", minor_);
  const int64_t unit = PowerOfTen(currency_.digits());
  const int64_t whole = minor_ / unit, rest = minor_ % unit;
  return fmt::format("{}{}.{:0{}}", minor_ < 0 ? "-" : "", whole < 0 ? -whole : whole, rest < 0 ? -rest : rest,
                     currency_.digits());
}

std::string Money::ToString() const { return fmt::format("{} {}", ToDecimal(), currency_.code()); }

}  // namespace meetinity
