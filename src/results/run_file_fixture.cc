// SPDX-License-Identifier: Apache-2.0
#include "results/run_file_fixture.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>

#include "litmus/error.h"
#include "litmus/time.h"
#include "model/run_columns.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

std::shared_ptr<arrow::DataType> arrow_type(ColumnType type) {
  switch (type) {
    case ColumnType::kString: return arrow::utf8();
    case ColumnType::kInt64: return arrow::int64();
    case ColumnType::kInt32: return arrow::int32();
    case ColumnType::kFloat64: return arrow::float64();
    case ColumnType::kTimestamp: return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case ColumnType::kBool: return arrow::boolean();
    case ColumnType::kStringList: return arrow::list(arrow::utf8());
    case ColumnType::kBoolList: return arrow::list(arrow::boolean());
  }
  return arrow::utf8();
}

std::shared_ptr<arrow::DataType> type_of(const std::string& name, const std::vector<Row>& rows) {
  for (const Column& column : kColumns) {
    if (column.name == name) return arrow_type(column.type);
  }
  for (const Column& column : kInstrumentColumns) {
    if (column.name == name) return arrow_type(column.type);
  }
  for (const Row& row : rows) {
    const Value* value = row.find(name);
    if (value == nullptr || value->is_null()) continue;
    if (value->get_if<bool>() != nullptr) return arrow::boolean();
    if (value->get_if<std::string>() != nullptr) return arrow::utf8();
    return arrow::float64();
  }
  return arrow::utf8();
}

double number_of(const Value& value) {
  if (const auto* integer = value.get_if<std::int64_t>()) return static_cast<double>(*integer);
  return *value.get_if<double>();
}

void append(arrow::ArrayBuilder& builder, const Value* value) {
  const auto check = [](const arrow::Status& status) { throw_if_failed(status, "build a column"); };
  if (value == nullptr || value->is_null()) return check(builder.AppendNull());
  switch (builder.type()->id()) {
    case arrow::Type::STRING:
      return check(
          static_cast<arrow::StringBuilder&>(builder).Append(*value->get_if<std::string>()));
    case arrow::Type::INT64:
      return check(
          static_cast<arrow::Int64Builder&>(builder).Append(*value->get_if<std::int64_t>()));
    case arrow::Type::INT32:
      return check(static_cast<arrow::Int32Builder&>(builder).Append(
          static_cast<std::int32_t>(*value->get_if<std::int64_t>())));
    case arrow::Type::DOUBLE:
      return check(static_cast<arrow::DoubleBuilder&>(builder).Append(number_of(*value)));
    case arrow::Type::BOOL:
      return check(static_cast<arrow::BooleanBuilder&>(builder).Append(*value->get_if<bool>()));
    case arrow::Type::TIMESTAMP:
      return check(static_cast<arrow::TimestampBuilder&>(builder).Append(
          parse_iso8601(*value->get_if<std::string>()).time_since_epoch().count()));
    case arrow::Type::LIST: {
      auto& lists = static_cast<arrow::ListBuilder&>(builder);
      check(lists.Append());
      for (const Value& element : *value->get_if<ValueList>()) {
        append(*lists.value_builder(), &element);
      }
      return;
    }
    default: throw Error(Code::kInvalidArgument, "unexpected type of column");
  }
}

}  // namespace

std::shared_ptr<arrow::Table> table_of(const std::vector<Row>& rows,
                                       const std::string& environment_json) {
  std::vector<std::string> names;
  for (const Row& row : rows) {
    for (const auto& [name, value] : row) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const std::string& name : names) {
    auto type = type_of(name, rows);
    auto builder = value_or_throw(arrow::MakeBuilder(type), "build a column");
    for (const Row& row : rows) append(*builder, row.find(name));
    fields.push_back(arrow::field(name, type));
    columns.push_back(value_or_throw(builder->Finish(), "build a column"));
  }
  const auto metadata = environment_json.empty()
                            ? nullptr
                            : arrow::key_value_metadata({"environment_json"}, {environment_json});
  return arrow::Table::Make(arrow::schema(fields, metadata), columns,
                            static_cast<std::int64_t>(rows.size()));
}

std::string parquet_of(const arrow::Table& table) {
  const auto sink = value_or_throw(arrow::io::BufferOutputStream::Create(), "write Parquet");
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  throw_if_failed(
      parquet::arrow::WriteTable(table, arrow::default_memory_pool(), sink, 1024,
                                 parquet::default_writer_properties(), arrow_properties),
      "write Parquet");
  return value_or_throw(sink->Finish(), "write Parquet")->ToString();
}

Row run_row(const std::string& run_id, const std::string& started_at, const std::string& serial) {
  return {{"record_type", "run"},       {"session_id", "5e551010-0000-4000-8000-000000000001"},
          {"run_id", run_id},           {"run_started_at", started_at},
          {"run_ended_at", started_at}, {"dut_serial", serial},
          {"station_id", "bench_1"},    {"project_name", "power_board"},
          {"run_outcome", "passed"}};
}

}  // namespace litmus
