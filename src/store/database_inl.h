#pragma once

// The templates of database.h: records to SQL and back. Included by it, never by itself.

#include <array>
#include <utility>

#include "store/database.h"

namespace meetinity::store::detail {

// The SQL of one table, written once a record type.
struct RecordSql {
  std::string find, select, count, put, insert, erase, erase_where;
};

// `columns` in order, the first `key_columns` of them the primary key.
RecordSql MakeRecordSql(std::string_view table, const std::vector<std::string_view>& columns, int key_columns);

// "… WHERE …", or the head alone when there is no condition.
std::string WithCondition(std::string_view head, std::string_view where);

Error DecodeError(std::string_view table, std::string_view column, const Error& cause);

template <class Record>
inline constexpr size_t kColumnCount = std::tuple_size_v<decltype(Record::Columns())>;

template <class Record>
const RecordSql& SqlOf() {
  static_assert(Record::kKeyColumns >= 1 && Record::kKeyColumns <= static_cast<int>(kColumnCount<Record>));
  static const RecordSql sql = std::apply(
      [](const auto&... column) { return MakeRecordSql(Record::kTable, {column.name...}, Record::kKeyColumns); },
      Record::Columns());
  return sql;
}

template <class T>
Value EncodeColumn(const T& value) {
  return ColumnCodec<T>::Encode(value);
}

template <class Record>
std::vector<Value> EncodeRecord(const Record& record) {
  return std::apply(
      [&](const auto&... column) {
        std::vector<Value> values;
        values.reserve(sizeof...(column));
        (values.push_back(EncodeColumn(record.*column.member)), ...);
        return values;
      },
      Record::Columns());
}

template <class Record, class Member>
Status DecodeColumn(Record& record, const Column<Record, Member>& column, Value&& value) {
  Result<Member> decoded = ColumnCodec<Member>::Decode(std::move(value));
  if (!decoded.ok()) return DecodeError(Record::kTable, column.name, decoded.error());
  record.*column.member = std::move(decoded).value();
  return {};
}

template <class Record>
Result<Record> DecodeRecord(std::vector<Value>& values) {
  Record record{};
  Status status;
  const auto decode = [&]<size_t... i>(std::index_sequence<i...>) {
    const auto columns = Record::Columns();
    // Stops at the first column that fails.
    (void)(... && (status = DecodeColumn(record, std::get<i>(columns), std::move(values[i]))).ok());
  };
  decode(std::make_index_sequence<kColumnCount<Record>>());
  if (!status.ok()) return std::move(status).error();
  return record;
}

// The key's columns in their own types, so that Find<Bucket>("name") and Find<Part>(id, 1) encode as the records do.
template <class Record, class... Key>
std::vector<Value> EncodeKey(const Key&... key) {
  static_assert(sizeof...(Key) == static_cast<size_t>(Record::kKeyColumns), "one argument for each key column");
  const auto columns = Record::Columns();
  const auto given = std::forward_as_tuple(key...);
  const auto encode = [&]<size_t... i>(std::index_sequence<i...>) {
    std::vector<Value> values;
    values.reserve(sizeof...(i));
    const auto append = [&]<class Member, class Argument>(const Column<Record, Member>&, const Argument& argument) {
      if constexpr (std::is_same_v<Member, Argument>) {
        values.push_back(EncodeColumn(argument));
      } else {
        values.push_back(EncodeColumn(Member(argument)));
      }
    };
    (append(std::get<i>(columns), std::get<i>(given)), ...);
    return values;
  };
  return encode(std::make_index_sequence<sizeof...(Key)>());
}

}  // namespace meetinity::store::detail

namespace meetinity::store {

template <class Record, class... Key>
Result<std::optional<Record>> ReadTx::Find(const Key&... key) const {
  std::optional<Record> found;
  TRY(Query(detail::SqlOf<Record>().find, detail::EncodeKey<Record>(key...),
            [&](std::vector<Value>& row) -> Result<bool> {
              found = TRY(detail::DecodeRecord<Record>(row));
              return false;
            }));
  return found;
}

template <class Record>
Result<std::vector<Record>> ReadTx::Select(std::string_view where, std::vector<Value> values) const {
  std::vector<Record> records;
  TRY(Query(detail::WithCondition(detail::SqlOf<Record>().select, where), values,
            [&](std::vector<Value>& row) -> Result<bool> {
              records.push_back(TRY(detail::DecodeRecord<Record>(row)));
              return true;
            }));
  return records;
}

template <class Record>
Status ReadTx::ForEach(std::string_view where, std::vector<Value> values,
                       const std::function<bool(Record)>& each) const {
  return Query(detail::WithCondition(detail::SqlOf<Record>().select, where), values,
               [&](std::vector<Value>& row) -> Result<bool> { return each(TRY(detail::DecodeRecord<Record>(row))); });
}

template <class Record>
Result<int64_t> ReadTx::Count(std::string_view where, std::vector<Value> values) const {
  int64_t count = 0;
  TRY(Query(detail::WithCondition(detail::SqlOf<Record>().count, where), values,
            [&](std::vector<Value>& row) -> Result<bool> {
              count = TRY(Get<int64_t>(row[0]));
              return false;
            }));
  return count;
}

template <class Record>
Status Tx::Put(const Record& record) {
  TRY(Execute(detail::SqlOf<Record>().put, detail::EncodeRecord(record)));
  return {};
}

template <class Record>
Status Tx::Insert(const Record& record, std::string_view refusal_name) {
  const int64_t inserted = TRY(Execute(detail::SqlOf<Record>().insert, detail::EncodeRecord(record)));
  if (inserted == 0) return Error{Kind::kConflict, refusal_name, "one with this name exists already"};
  return {};
}

template <class Record, class... Key>
Result<bool> Tx::Delete(const Key&... key) {
  return TRY(Execute(detail::SqlOf<Record>().erase, detail::EncodeKey<Record>(key...))) > 0;
}

template <class Record>
Result<int64_t> Tx::DeleteWhere(std::string_view where, std::vector<Value> values) {
  return Execute(detail::WithCondition(detail::SqlOf<Record>().erase_where, where), values);
}

template <class Work>
auto Database::Write(Work&& work) -> std::invoke_result_t<Work, Tx&> {
  std::optional<std::invoke_result_t<Work, Tx&>> result;
  Status status = RunWrite([&](Tx& tx) -> Status {
    result.emplace(work(tx));
    if (!result->ok()) return std::as_const(*result).error();
    return {};
  });
  if (!status.ok()) return std::move(status).error();
  return std::move(*result);
}

template <class Work>
auto Database::Read(Work&& work) const -> std::invoke_result_t<Work, const ReadTx&> {
  std::optional<std::invoke_result_t<Work, const ReadTx&>> result;
  Status status = RunRead([&](const ReadTx& tx) -> Status {
    result.emplace(work(tx));
    if (!result->ok()) return std::as_const(*result).error();
    return {};
  });
  if (!status.ok()) return std::move(status).error();
  return std::move(*result);
}

}  // namespace meetinity::store
