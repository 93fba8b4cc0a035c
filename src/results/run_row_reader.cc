// SPDX-License-Identifier: Apache-2.0
#include "results/run_row_reader.h"

#include <arrow/table.h>
#include <arrow/type.h>

#include <algorithm>
#include <numeric>

namespace litmus {
namespace {

void assign(std::optional<std::string>& member, const Value& value) {
  if (const auto* text = value.get_if<std::string>()) member = *text;
}

void assign(bool& member, const Value& value) {
  if (const auto* boolean = value.get_if<bool>()) member = *boolean;
}

}  // namespace

RunRowReader::RunRowReader(const arrow::Table& table) {
  for (const Column& column : kColumns) fixed_.emplace_back(table, std::string(column.name));
  for (const Column& column : kInstrumentColumns) {
    instruments_.emplace_back(table, std::string(column.name));
  }
  for (const auto& field : table.schema()->fields()) {
    for (const char* prefix : {"in_", "out_", "custom_"}) {
      if (!field->name().starts_with(prefix)) continue;
      const std::size_t length = std::string_view(prefix).size();
      dynamic_[prefix].emplace_back(field->name().substr(length), CellColumn(table, field->name()));
    }
  }
}

ValueMap RunRowReader::dynamic(std::string_view prefix, std::int64_t row) const {
  ValueMap map;
  const auto columns = dynamic_.find(prefix);
  if (columns == dynamic_.end()) return map;
  for (const auto& [name, column] : columns->second) {
    if (Value value = column.value(row); !value.is_null()) map.set(name, std::move(value));
  }
  return map;
}

std::vector<InstrumentColumns> RunRowReader::instruments(std::int64_t row) const {
  const Value names = instruments_[0].value(row);
  const auto* list = names.get_if<ValueList>();
  std::vector<InstrumentColumns> found(list == nullptr ? 0 : list->size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    for_each_column(found[i], [&](const Column& column, auto& member) {
      const Value cells = instruments_[column.index].value(row);
      const auto* values = cells.get_if<ValueList>();
      if (values != nullptr && i < values->size()) litmus::assign(member, (*values)[i]);
    });
  }
  return found;
}

std::vector<std::int64_t> RunRowReader::order(std::int64_t count) const {
  const auto row_seq = std::ranges::find(kColumns, "row_seq", &Column::name);
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  std::ranges::stable_sort(rows, {}, [&](std::int64_t row) {
    return fixed_[row_seq->index].integer(row).value_or(row);
  });
  return rows;
}

}  // namespace litmus
