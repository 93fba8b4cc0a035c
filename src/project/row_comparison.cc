// SPDX-License-Identifier: Apache-2.0
#include "project/row_comparison.h"

#include <arrow/array/array_base.h>
#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/array/concatenate.h>
#include <arrow/chunked_array.h>
#include <arrow/compare.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr const char* kMissing = "missing";

std::shared_ptr<arrow::Array> read_column(const RunFileReader& file, const std::string& name) {
  const auto table = file.columns({name});
  if (table->num_columns() == 0) return nullptr;
  const auto& column = table->column(0);
  if (column->num_chunks() == 1) return column->chunk(0);
  return value_or_throw(arrow::Concatenate(column->chunks()),
                        "read " + name + " of " + file.path());
}

std::string text_at(const std::shared_ptr<arrow::Array>& array, std::int64_t row) {
  if (!array || array->IsNull(row)) return "null";
  return value_or_throw(array->GetScalar(row), "read a cell")->ToString();
}

// The rows of a file by what identifies them; rows that may repeat share it.
std::vector<std::string> row_keys(const RunFileReader& file) {
  const auto type = read_column(file, "record_type");
  const auto path = read_column(file, "step_path");
  const auto vector = read_column(file, "vector_index");
  const auto name = read_column(file, "measurement_name");
  const auto retry = read_column(file, "vector_retry");
  std::vector<std::string> keys;
  for (std::int64_t row = 0; row < type->length(); ++row) {
    std::string key = text_at(type, row);
    if (key != "run") key += fmt::format(" {}[{}]", text_at(path, row), text_at(vector, row));
    if (key.starts_with("measurement")) {
      key += fmt::format(" {}, attempt {}", text_at(name, row), text_at(retry, row));
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

class Comparison {
 public:
  Comparison(const RunFileReader& file, const RunFileReader& rebuilt)
      : file_(file), rebuilt_(rebuilt) {}

  RunFileComparison result() {
    compare_footers();
    match_rows();
    std::set<std::string> names;
    for (const auto& field : file_.schema()->fields()) names.insert(field->name());
    for (const auto& field : rebuilt_.schema()->fields()) names.insert(field->name());
    // Where a row is missing, all later ones have another position: that is said once, by the row.
    if (rows_missing_) names.erase("row_seq");
    for (const std::string& name : names) compare_column(name);
    return std::move(result_);
  }

 private:
  void report(std::string row, std::string column, std::string in_file, std::string rebuilt) {
    ++result_.count;
    if (result_.differences.size() == RunFileComparison::kMostListed) return;
    result_.differences.push_back(
        {std::move(row), std::move(column), std::move(in_file), std::move(rebuilt)});
  }

  void compare_footers() {
    std::map<std::string, std::pair<std::string, std::string>> values;
    for (auto& [key, value] : file_.metadata()) values[key] = {value, kMissing};
    for (auto& [key, value] : rebuilt_.metadata()) {
      values.try_emplace(key, kMissing, kMissing).first->second.second = value;
    }
    for (const auto& [key, both] : values) {
      const bool of_writer = key == "writer" || key == "litmus_version";
      if (!of_writer && both.first != both.second) report("file", key, both.first, both.second);
    }
  }

  // Rows with the same key are matched in their order.
  void match_rows() {
    keys_ = row_keys(file_);
    const std::vector<std::string> rebuilt_keys = row_keys(rebuilt_);
    std::unordered_map<std::string_view, std::deque<std::int64_t>> places;
    for (std::size_t row = 0; row < rebuilt_keys.size(); ++row) {
      places[rebuilt_keys[row]].push_back(static_cast<std::int64_t>(row));
    }
    for (std::size_t row = 0; row < keys_.size(); ++row) {
      auto& place = places[keys_[row]];
      if (place.empty()) {
        report(keys_[row], "", "present", kMissing);
        rows_missing_ = true;
        continue;
      }
      matches_.emplace_back(static_cast<std::int64_t>(row), place.front());
      place.pop_front();
    }
    for (std::size_t row = 0; row < rebuilt_keys.size(); ++row) {
      auto& place = places[rebuilt_keys[row]];
      if (place.empty() || std::cmp_not_equal(place.front(), row)) continue;
      report(rebuilt_keys[row], "", kMissing, "present");
      rows_missing_ = true;
      place.pop_front();
    }
  }

  void compare_column(const std::string& name) {
    const auto in_file = read_column(file_, name);
    const auto rebuilt = read_column(rebuilt_, name);
    if (!in_file || !rebuilt) {
      const auto& there = in_file ? in_file : rebuilt;
      if (there->null_count() == there->length()) return;
      const std::string values = fmt::format("{} values", there->length() - there->null_count());
      report("file", name, in_file ? values : kMissing, rebuilt ? values : kMissing);
      return;
    }
    if (!in_file->type()->Equals(*rebuilt->type())) {
      report("file", name, in_file->type()->ToString(), rebuilt->type()->ToString());
      return;
    }
    const auto options = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
    if (in_file->Equals(rebuilt, options)) return;
    for (const auto& [left, right] : matches_) {
      if (in_file->RangeEquals(*rebuilt, left, left + 1, right, options)) continue;
      report(keys_[static_cast<std::size_t>(left)], name, text_at(in_file, left),
             text_at(rebuilt, right));
    }
  }

  const RunFileReader& file_;
  const RunFileReader& rebuilt_;
  std::vector<std::string> keys_;  // of the file's rows
  std::vector<std::pair<std::int64_t, std::int64_t>> matches_;
  bool rows_missing_ = false;
  RunFileComparison result_;
};

}  // namespace

RunFileComparison compare_run_files(const RunFileReader& file, const RunFileReader& rebuilt) {
  return Comparison(file, rebuilt).result();
}

}  // namespace litmus
