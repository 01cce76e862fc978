#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

// The tables that this room's tests share.
namespace meetinity::store {

struct Shelf {
  std::string name;
  Instant built;
  std::optional<std::string> note;

  bool operator==(const Shelf&) const = default;
  static constexpr std::string_view kTable = "test_shelves";
  static constexpr int kKeyColumns = 1;
  static constexpr bool kWatched = true;
  static constexpr auto Columns() {
    return std::tuple{Column{"name", &Shelf::name}, Column{"built", &Shelf::built}, Column{"note", &Shelf::note}};
  }
};

struct Book {
  std::string shelf;
  int place = 0;
  std::string title;

  bool operator==(const Book&) const = default;
  static constexpr std::string_view kTable = "test_books";
  static constexpr int kKeyColumns = 2;
  static constexpr auto Columns() {
    return std::tuple{Column{"shelf", &Book::shelf}, Column{"place", &Book::place}, Column{"title", &Book::title}};
  }
};

// Every column is its key.
struct Label {
  std::string text;

  bool operator==(const Label&) const = default;
  static constexpr std::string_view kTable = "test_labels";
  static constexpr int kKeyColumns = 1;
  static constexpr auto Columns() { return std::tuple{Column{"text", &Label::text}}; }
};

inline std::vector<Migration> TestMigrations() {
  return {{"test", 1,
           "CREATE TABLE test_shelves (name TEXT PRIMARY KEY, built INTEGER NOT NULL, note TEXT) WITHOUT ROWID;"
           "CREATE TABLE test_books (shelf TEXT NOT NULL REFERENCES test_shelves ON DELETE CASCADE,"
           "  place INTEGER NOT NULL, title TEXT NOT NULL, PRIMARY KEY (shelf, place)) WITHOUT ROWID;"
           "CREATE TABLE test_labels (text TEXT PRIMARY KEY) WITHOUT ROWID;"}};
}

}  // namespace meetinity::store
