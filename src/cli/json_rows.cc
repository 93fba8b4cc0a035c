// SPDX-License-Identifier: Apache-2.0
#include "cli/json_rows.h"

#include <arrow/chunked_array.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/value_json.h"
#include "results/table_cells.h"

namespace litmus {
namespace {

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_dynamic(const std::string& name) {
  return name.starts_with("in_") || name.starts_with("out_") || name.starts_with("custom_");
}

// Columns by number, since SQL may give several the same name.
std::vector<int> fields_of(const arrow::Table& rows, const JsonShape& shape) {
  std::vector<int> fields;
  for (const std::string_view name : shape.fields) {
    const int index = rows.schema()->GetFieldIndex(name);
    if (index >= 0) fields.push_back(index);
  }
  if (!shape.fields.empty()) return fields;
  for (int i = 0; i < rows.num_columns(); ++i) {
    const std::string& name = rows.field(i)->name();
    const bool is_empty = rows.column(i)->null_count() == rows.num_rows();
    if (contains(shape.left_out, name) || (shape.sparse && is_dynamic(name) && is_empty)) continue;
    fields.push_back(i);
  }
  return fields;
}

// The second `id` of a join is `id_1`: of two equal keys, readers of JSON keep one.
std::string unused_name(const std::string& name, std::set<std::string>& used) {
  std::string unused = name;
  for (int i = 1; !used.insert(unused).second; ++i) unused = fmt::format("{}_{}", name, i);
  return unused;
}

}  // namespace

void write_rows(JsonWriter& json, const arrow::Table& rows, const JsonShape& shape) {
  struct Field {
    std::string name;
    CellColumn cells;
    bool is_object;
  };
  std::vector<Field> fields;
  std::set<std::string> used;
  for (const int index : fields_of(rows, shape)) {
    const std::string& name = rows.field(index)->name();
    fields.push_back(
        {unused_name(name, used), CellColumn(rows, index), contains(shape.objects, name)});
  }
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    json.begin_object();
    for (const Field& field : fields) {
      json.key(field.name);
      if (field.is_object) {
        json.value(parse_value(field.cells.text(row).value_or("{}")));
      } else {
        json.value(field.cells.value(row));
      }
    }
    json.end_object();
  }
}

std::string json_document(const arrow::Table& rows, const JsonShape& shape) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_array();
  write_rows(json, rows, shape);
  json.end_array();
  return out + "\n";
}

}  // namespace litmus
