#include <fmt/format.h>

#include "store/database.h"

namespace meetinity::store::detail {
namespace {

// "a = x, b = x": each piece made of one column.
std::string Each(std::span<const std::string_view> columns, fmt::format_string<std::string_view&> piece,
                 std::string_view separator) {
  std::string text;
  for (std::string_view column : columns) {
    if (!text.empty()) text += separator;
    text += fmt::format(piece, column);
  }
  return text;
}

}  // namespace

RecordSql MakeRecordSql(std::string_view table, const std::vector<std::string_view>& columns, int key_columns) {
  const std::span all(columns);
  const auto keys = all.first(static_cast<size_t>(key_columns)), others = all.subspan(static_cast<size_t>(key_columns));
  const std::string names = Each(all, "{}", ", "), key_names = Each(keys, "{}", ", ");
  const std::string by_key = Each(keys, "{} = ?", " AND ");
  std::string marks = "?";
  for (size_t i = 1; i < all.size(); ++i) marks += ", ?";
  const std::string insert =
      fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO ", table, names, marks, key_names);
  RecordSql sql;
  sql.select = fmt::format("SELECT {} FROM {}", names, table);
  sql.find = fmt::format("{} WHERE {}", sql.select, by_key);
  sql.count = fmt::format("SELECT count(*) FROM {}", table);
  sql.insert = insert + "NOTHING";
  // An update in place, because REPLACE deletes the row first and with it what refers to it by foreign key.
  sql.put = others.empty() ? sql.insert : insert + "UPDATE SET " + Each(others, "{0} = excluded.{0}", ", ");
  sql.erase_where = fmt::format("DELETE FROM {}", table);
  sql.erase = fmt::format("{} WHERE {}", sql.erase_where, by_key);
  return sql;
}

std::string WithCondition(std::string_view head, std::string_view where) {
  std::string sql;
  sql.reserve(head.size() + where.size() + 7);
  sql += head;
  if (where.empty()) return sql;
  sql += " WHERE ";
  sql += where;
  return sql;
}

Error DecodeError(std::string_view table, std::string_view column, const Error& cause) {
  return Internal(fmt::format("{}.{}: {}", table, column, cause.detail));
}

}  // namespace meetinity::store::detail
