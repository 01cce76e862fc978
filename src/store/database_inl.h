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
inline constexpr bool kIsWatched = requires {
  requires Record::kWatched;
};

template <class T>
Value EncodeColumn(const T& value) {
  return ColumnCodec<T>::Encode(value);
}

template <class Member>
Status DecodeColumn(std::string_view table, std::string_view column, Value&& value, Member& member) {
  Result<Member> decoded = ColumnCodec<Member>::Decode(std::move(value));
  if (!decoded.ok()) return DecodeError(table, column, decoded.error());
  member = std::move(decoded).value();
  return {};
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

template <class Record>
const detail::RecordSql& RecordMapping<Record>::Sql() {
  static_assert(Record::kKeyColumns >= 1 && Record::kKeyColumns <= static_cast<int>(detail::kColumnCount<Record>));
  static const detail::RecordSql sql = std::apply(
      [](const auto&... column) {
        return detail::MakeRecordSql(Record::kTable, {column.name...}, Record::kKeyColumns);
      },
      Record::Columns());
  return sql;
}

template <class Record>
std::vector<Value> RecordMapping<Record>::Encode(const Record& record) {
  return std::apply(
      [&](const auto&... column) {
        std::vector<Value> values;
        values.reserve(sizeof...(column));
        (values.push_back(detail::EncodeColumn(record.*column.member)), ...);
        return values;
      },
      Record::Columns());
}

template <class Record>
Status RecordMapping<Record>::Decode(std::vector<Value>& row, Record& record) {
  Status status;
  auto value = row.begin();
  std::apply(
      [&](const auto&... column) {
        // Stops at the first column that fails.
        (void)(... &&
               (status = detail::DecodeColumn(Record::kTable, column.name, std::move(*value++), record.*column.member))
                   .ok());
      },
      Record::Columns());
  return status;
}

template <class Record, class... Key>
Result<std::optional<Record>> ReadTx::Find(const Key&... key) const {
  std::optional<Record> found;
  TRY(Query(RecordMapping<Record>::Sql().find, detail::EncodeKey<Record>(key...),
            [&](std::vector<Value>& row) -> Result<bool> {
              TRY(RecordMapping<Record>::Decode(row, found.emplace()));
              return false;
            }));
  return found;
}

template <class Record>
Result<std::vector<Record>> ReadTx::Select(std::string_view where, std::vector<Value> values) const {
  std::vector<Record> records;
  TRY(Query(detail::WithCondition(RecordMapping<Record>::Sql().select, where), values,
            [&](std::vector<Value>& row) -> Result<bool> {
              TRY(RecordMapping<Record>::Decode(row, records.emplace_back()));
              return true;
            }));
  return records;
}

template <class Record>
Status ReadTx::ForEach(std::string_view where, std::vector<Value> values, FunctionRef<bool(Record)> each) const {
  return Query(detail::WithCondition(RecordMapping<Record>::Sql().select, where), values,
               [&](std::vector<Value>& row) -> Result<bool> {
                 Record record{};
                 TRY(RecordMapping<Record>::Decode(row, record));
                 return each(std::move(record));
               });
}

template <class Record>
Result<int64_t> ReadTx::Count(std::string_view where, std::vector<Value> values) const {
  int64_t count = 0;
  TRY(Query(detail::WithCondition(RecordMapping<Record>::Sql().count, where), values,
            [&](std::vector<Value>& row) -> Result<bool> {
              count = TRY(Get<int64_t>(row[0]));
              return false;
            }));
  return count;
}

template <class Record>
Status Tx::Put(const Record& record) {
  if constexpr (detail::kIsWatched<Record>) NoteWatchedChange();
  TRY(Execute(RecordMapping<Record>::Sql().put, RecordMapping<Record>::Encode(record)));
  return {};
}

template <class Record>
Status Tx::Insert(const Record& record, std::string_view refusal_name) {
  if (TRY(InsertIfNew(record))) return {};
  return Error{Kind::kConflict, refusal_name, "one with this name exists already"};
}

template <class Record>
Result<bool> Tx::InsertIfNew(const Record& record) {
  if constexpr (detail::kIsWatched<Record>) NoteWatchedChange();
  return TRY(Execute(RecordMapping<Record>::Sql().insert, RecordMapping<Record>::Encode(record))) > 0;
}

template <class Record, class... Key>
Result<bool> Tx::Delete(const Key&... key) {
  if constexpr (detail::kIsWatched<Record>) NoteWatchedChange();
  return TRY(Execute(RecordMapping<Record>::Sql().erase, detail::EncodeKey<Record>(key...))) > 0;
}

template <class Record>
Result<int64_t> Tx::DeleteWhere(std::string_view where, std::vector<Value> values) {
  if constexpr (detail::kIsWatched<Record>) NoteWatchedChange();
  return Execute(detail::WithCondition(RecordMapping<Record>::Sql().erase_where, where), values);
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
