// SPDX-License-Identifier: Apache-2.0
#include "index/index_fixture.h"

#include <arrow/array/array_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <utility>

#include "index/ingest_column.h"
#include "litmus/time.h"
#include "model/value_json.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

bool is_time(const std::string& name) {
  return name.ends_with("_at") || name.ends_with("_timestamp");
}

std::shared_ptr<arrow::Array> column_of(const std::string& name, const std::vector<Value>& cells) {
  const auto finish = [](arrow::ArrayBuilder& builder) {
    return value_or_throw(builder.Finish(), "build a column");
  };
  const auto fill = [&](auto& builder, auto append) {
    for (const Value& cell : cells) {
      throw_if_failed(cell.is_null() ? builder.AppendNull() : append(cell), "build a column");
    }
    return finish(builder);
  };
  if (is_time(name)) {
    arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                    arrow::default_memory_pool());
    return fill(builder, [&](const Value& cell) {
      return builder.Append(parse_iso8601(*cell.get_if<std::string>()).time_since_epoch().count());
    });
  }
  const Value* first = nullptr;
  for (const Value& cell : cells) {
    if (!cell.is_null() && first == nullptr) first = &cell;
  }
  if (first != nullptr && first->get_if<bool>() != nullptr) {
    arrow::BooleanBuilder builder;
    return fill(builder, [&](const Value& cell) { return builder.Append(*cell.get_if<bool>()); });
  }
  if (first != nullptr && first->get_if<std::int64_t>() != nullptr) {
    arrow::Int64Builder builder;
    return fill(builder,
                [&](const Value& cell) { return builder.Append(*cell.get_if<std::int64_t>()); });
  }
  if (first != nullptr && first->get_if<double>() != nullptr) {
    arrow::DoubleBuilder builder;
    return fill(builder, [&](const Value& cell) { return builder.Append(*cell.get_if<double>()); });
  }
  arrow::StringBuilder builder;
  return fill(builder,
              [&](const Value& cell) { return builder.Append(*cell.get_if<std::string>()); });
}

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> run_rows(const std::vector<std::string>& rows) {
  std::vector<ValueMap> maps;
  maps.reserve(rows.size());
  for (const std::string& row : rows) maps.push_back(*parse_value(row).get_if<ValueMap>());
  return run_rows(maps);
}

std::shared_ptr<arrow::RecordBatchReader> run_rows(const std::vector<ValueMap>& maps) {
  std::vector<std::string> names;
  for (const ValueMap& map : maps) {
    for (const auto& [name, cell] : map) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const std::string& name : names) {
    std::vector<Value> cells;
    for (const ValueMap& map : maps) {
      const Value* cell = map.find(name);
      cells.push_back(cell == nullptr ? Value() : *cell);
    }
    arrays.push_back(column_of(name, cells));
    fields.push_back(arrow::field(name, arrays.back()->type()));
  }
  const auto schema = arrow::schema(std::move(fields));
  const auto batch =
      arrow::RecordBatch::Make(schema, static_cast<std::int64_t>(maps.size()), std::move(arrays));
  return value_or_throw(arrow::RecordBatchReader::Make({batch}, schema), "read rows");
}

std::vector<std::string> small_run(std::string_view run_id, std::string_view serial) {
  const std::string run =
      fmt::format(R"("run_id": "{}", "session_id": "{}", "dut_serial": "{}", "dut_part_number": )"
                  R"("PN-1", "run_started_at": "2026-03-10T14:30:22Z", "run_ended_at": )"
                  R"("2026-03-10T14:30:32Z", "run_outcome": "passed", "test_phase": "production", )"
                  R"("station_hostname": "bench-1")",
                  run_id, kSessionA, serial);
  const auto measurement = [&](int row, int retry, double value, const char* name) {
    return fmt::format(
        R"({{"record_type": "measurement", {}, "step_name": "test_v", "step_path": "test_v", )"
        R"("parent_path": "", "step_index": 0, "vector_index": 0, "vector_retry": {}, )"
        R"("row_seq": {}, "measurement_name": "{}", "measurement_value": {:.3f}, )"
        R"("measurement_units": "V", "limit_low": 4.5, "limit_high": 5.5, )"
        R"("measurement_outcome": "passed", "in_load": 0.5, "custom_shift": "night"}})",
        run, retry, row, name, value);
  };
  return {
      fmt::format(R"({{"record_type": "run", {}, "row_seq": 0, "custom_shift": "night"}})", run),
      fmt::format(
          R"({{"record_type": "step", {}, "step_name": "test_v", "step_path": "test_v", )"
          R"("parent_path": "", "step_index": 0, "vector_index": 0, "row_seq": 1, )"
          R"("step_outcome": "passed", "step_started_at": "2026-03-10T14:30:23Z", )"
          R"("step_ended_at": "2026-03-10T14:30:25Z", "step_attempts": 2, "in_load": 0.5}})",
          run),
      measurement(2, 0, 5.1, "v"), measurement(3, 1, 5.2, "v")};
}

IndexedFile indexed_file(const std::string& path) { return {path, 1000, 5}; }

std::string answer(const Index& index, const std::string& sql) {
  const auto table = value_or_throw(index.sql(sql)->ToRecordBatches(), "read the answer");
  std::string text;
  for (const auto& batch : table) {
    for (std::int64_t row = 0; row < batch->num_rows(); ++row) {
      if (!text.empty()) text += '\n';
      for (int i = 0; i < batch->num_columns(); ++i) {
        if (i > 0) text += '|';
        const IngestColumn cell(batch->column(i));
        text += cell.text(row).value_or("-");
      }
    }
  }
  return text;
}

}  // namespace litmus
