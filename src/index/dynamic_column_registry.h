// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "index/ingest_column.h"

namespace litmus {

// The columns in_*, out_* and custom_* that runs have brought into the tables of the index. The
// first value gives a column its type; those of another type go as text to a second one. Owned by
// the writer of the index.
class DynamicColumnRegistry {
 public:
  // Beyond that a project puts values into names; its run files still have them.
  static constexpr std::size_t kMost = 500;

  struct Column {
    std::string table;
    std::string name;
    std::string type;  // in SQL
  };

  // `add` makes the column in the tables.
  explicit DynamicColumnRegistry(std::function<void(const Column&)> add) : add_(std::move(add)) {}

  // As read back from an index, in which they exist.
  void restore(Column column);
  void clear();

  // The column for values of this kind, which is made if there is none. Names differ by more than
  // case. Nothing when there are too many.
  std::optional<std::string> column_for(const std::string& table, const std::string& name,
                                        IngestColumn::Kind kind);

  const std::vector<Column>& columns() const { return columns_; }
  std::size_t left_out() const { return left_out_.size(); }

 private:
  const Column* find(const std::string& table, const std::string& name) const;
  const Column* make(const std::string& table, const std::string& name, const std::string& type);

  std::function<void(const Column&)> add_;
  std::vector<Column> columns_;  // in the order of their making
  std::unordered_map<std::string, std::size_t> positions_;
  std::unordered_set<std::string> left_out_;
};

// "a" with what is inside doubled.
std::string quoted_name(std::string_view name);

}  // namespace litmus
