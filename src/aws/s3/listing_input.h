#pragma once

// What the four listings of a bucket have in common.

#include <fmt/format.h>

#include <algorithm>

#include "aws/s3/enter.h"
#include "aws/s3/key_listing.h"
#include "aws/s3/names.h"

namespace meetinity::s3 {

inline constexpr int32_t kPageMax = 1000;  // S3 API Reference: "up to 1,000", more is cut down

inline Result<size_t> PageSize(const std::optional<int32_t>& asked, std::string_view parameter) {
  if (!asked) return static_cast<size_t>(kPageMax);
  if (*asked >= 0) return static_cast<size_t>(std::min(*asked, kPageMax));
  return Error{Kind::kInvalid, kInvalidArgument,
               fmt::format("Argument {} must be an integer between 0 and 2147483647", parameter)}
      .With("ArgumentName", std::string(parameter))
      .With("ArgumentValue", std::to_string(*asked));
}

// Texts of a listing: percent-encoded when the client asked for it, so that any key survives XML.
class ListingText {
 public:
  static Result<ListingText> For(const std::optional<std::string>& encoding_type) {
    if (!encoding_type || *encoding_type == "url") return ListingText(encoding_type.has_value());
    return Error{Kind::kInvalid, kInvalidArgument, "Invalid Encoding Method specified in Request"}
        .With("ArgumentName", "encoding-type")
        .With("ArgumentValue", *encoding_type);
  }
  std::string operator()(std::string_view text) const { return encoded_ ? EncodeForListing(text) : std::string(text); }
  std::optional<std::string> IfGiven(const std::optional<std::string>& text) const {
    return text ? std::optional((*this)(*text)) : std::nullopt;
  }
  std::vector<CommonPrefix> Prefixes(const std::vector<std::string>& prefixes) const {
    std::vector<CommonPrefix> list;
    list.reserve(prefixes.size());
    for (const std::string& prefix : prefixes) list.push_back({.prefix = (*this)(prefix)});
    return list;
  }

 private:
  explicit ListingText(bool encoded) : encoded_(encoded) {}
  bool encoded_;
};

// The condition keys of a listing, for policies that open a part of a bucket only.
inline iam::ContextKeys ListingKeys(const std::optional<std::string>& prefix,
                                    const std::optional<std::string>& delimiter, const std::optional<int32_t>& max) {
  iam::ContextKeys keys;
  keys.try_emplace("s3:prefix", std::vector<std::string>{prefix.value_or("")});
  if (delimiter) keys.try_emplace("s3:delimiter", std::vector<std::string>{*delimiter});
  if (max) keys.try_emplace("s3:max-keys", std::vector<std::string>{std::to_string(*max)});
  return keys;
}

// The rows of a table from one key to another. `Record` has a bucket and a key.
template <class Record, class Row>
Scan<Row> ScanTable(const store::ReadTx& tx, const std::string& bucket, std::string_view order) {
  return [&tx, &bucket, order](const std::string& from, const std::string& until,
                               const std::function<bool(Row)>& each) -> Status {
    std::string where = "bucket = ? AND key >= ?";
    std::vector<store::Value> values{bucket, from};
    if (!until.empty()) {
      where += " AND key < ?";
      values.emplace_back(until);
    }
    where += " ORDER BY ";
    where += order;
    return tx.ForEach<Record>(where, std::move(values), [&](Record record) { return each(std::move(record)); });
  };
}

}  // namespace meetinity::s3
