// SPDX-License-Identifier: Apache-2.0
#include "index/dynamic_column_registry.h"

#include <algorithm>
#include <utility>

namespace litmus {
namespace {

std::string_view type_of(IngestColumn::Kind kind) {
  switch (kind) {
    case IngestColumn::Kind::kNumber: return "DOUBLE";
    case IngestColumn::Kind::kBool: return "BOOLEAN";
    case IngestColumn::Kind::kTime: return "TIMESTAMPTZ";
    default: return "VARCHAR";
  }
}

// DuckDB does not tell names apart by the case of their ASCII letters.
std::string key_of(const std::string& table, const std::string& name) {
  std::string key = table + '.' + name;
  std::ranges::transform(key, key.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  });
  return key;
}

}  // namespace

void DynamicColumnRegistry::restore(Column column) {
  positions_.emplace(key_of(column.table, column.name), columns_.size());
  columns_.push_back(std::move(column));
}

void DynamicColumnRegistry::clear() {
  columns_.clear();
  positions_.clear();
}

const DynamicColumnRegistry::Column* DynamicColumnRegistry::find(const std::string& table,
                                                                 const std::string& name) const {
  const auto found = positions_.find(key_of(table, name));
  return found == positions_.end() ? nullptr : &columns_[found->second];
}

const DynamicColumnRegistry::Column* DynamicColumnRegistry::make(const std::string& table,
                                                                 const std::string& name,
                                                                 const std::string& type) {
  if (columns_.size() >= kMost) {
    if (left_out_.size() < kMost) left_out_.insert(key_of(table, name));
    return nullptr;
  }
  const Column column{table, name, type};
  add_(column);
  restore(column);
  return &columns_.back();
}

std::optional<std::string> DynamicColumnRegistry::column_for(const std::string& table,
                                                             const std::string& name,
                                                             IngestColumn::Kind kind) {
  const std::string type(type_of(kind));
  const Column* column = find(table, name);
  if (column == nullptr) column = make(table, name, type);
  if (column != nullptr && column->type != type && column->type != "VARCHAR") {
    const std::string of_text = name + "__text";
    column = find(table, of_text);
    if (column == nullptr) column = make(table, of_text, "VARCHAR");
    if (column != nullptr && column->type != "VARCHAR") return std::nullopt;
  }
  return column == nullptr ? std::nullopt : std::optional(column->name);
}

std::string quoted_name(std::string_view name) {
  std::string text = "\"";
  for (const char letter : name) {
    if (letter == '"') text += '"';
    text += letter;
  }
  return text + '"';
}

}  // namespace litmus
