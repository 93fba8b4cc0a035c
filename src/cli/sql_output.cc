// SPDX-License-Identifier: Apache-2.0
#include "cli/sql_output.h"

#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "cli/json_rows.h"
#include "report/csv_writer.h"
#include "report/measurement_text.h"
#include "report/number_format.h"
#include "report/text_table.h"
#include "report/text_width.h"
#include "results/table_cells.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr std::size_t kLeastTextWidth = 8;

std::vector<CellColumn> columns_of(const arrow::Table& rows) {
  std::vector<CellColumn> columns;
  columns.reserve(static_cast<std::size_t>(rows.num_columns()));
  for (int i = 0; i < rows.num_columns(); ++i) columns.emplace_back(rows, i);
  return columns;
}

// The next rows of the answer; null at its end.
std::shared_ptr<arrow::Table> next(arrow::RecordBatchReader& answer) {
  std::shared_ptr<arrow::RecordBatch> batch;
  throw_if_failed(answer.ReadNext(&batch), "read the daemon's answer");
  if (batch == nullptr) return nullptr;
  return value_or_throw(arrow::Table::FromRecordBatches(answer.schema(), {batch}), "read a batch");
}

// Standard output as Arrow writes to it.
class ConsoleStream : public arrow::io::OutputStream {
 public:
  explicit ConsoleStream(Console& console) : console_(console) {}

  arrow::Status Write(const void* data, std::int64_t size) override {
    console_.print({static_cast<const char*>(data), static_cast<std::size_t>(size)});
    position_ += size;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Close() override { return arrow::Status::OK(); }
  bool closed() const override { return false; }

 private:
  Console& console_;
  std::int64_t position_ = 0;
};

bool is_number(const arrow::DataType& type) {
  return arrow::is_numeric(type.id()) || arrow::is_decimal(type.id());
}

TextTable::Cell cell_of(const Value& value) {
  if (value.is_null()) return {"NULL", Style::kDim};
  if (const auto* number = value.get_if<double>()) return {exact_number(*number)};
  return {text_of(value)};
}

// Takes the word and the number that follows it from the front of the text.
std::optional<std::size_t> take_number(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  text.remove_prefix(word.size());
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() && number > 0 ? std::optional(number) : std::nullopt;
}

struct Position {
  std::size_t line;
  std::size_t column;
};

std::optional<Position> position_in(std::string_view error) {
  for (auto begin = error.find("line "); begin != std::string_view::npos;
       begin = error.find("line ", begin + 1)) {
    std::string_view rest = error.substr(begin);
    const auto line = take_number(rest, "line ");
    const auto column = line ? take_number(rest, ", column ") : std::nullopt;
    if (column) return Position{*line, *column};
  }
  return std::nullopt;
}

// Where the character of that number begins.
std::size_t offset_of(std::string_view text, std::size_t character) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < character && offset < text.size(); ++i) {
    offset += std::max<std::size_t>(1, utf8_sequence(text.substr(offset)));
  }
  return offset;
}

}  // namespace

void print_csv(arrow::RecordBatchReader& answer, Console& console) {
  CsvWriter csv;
  for (const auto& field : answer.schema()->fields()) csv.exact(field->name());
  csv.end_row();
  while (const auto rows = next(answer)) {
    const auto columns = columns_of(*rows);
    for (std::int64_t row = 0; row < rows->num_rows(); ++row) {
      for (const CellColumn& column : columns) csv.exact(column.value(row));
      csv.end_row();
      console.print(csv.take());
    }
  }
  console.print(csv.take());
}

void print_json(arrow::RecordBatchReader& answer, Console& console) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_array();
  while (const auto rows = next(answer)) {
    write_rows(json, *rows);
    console.print(out);
    out.clear();
  }
  json.end_array();
  console.print(out + "\n");
}

void print_arrow(arrow::RecordBatchReader& answer, Console& console) {
  ConsoleStream stream(console);
  const auto writer =
      value_or_throw(arrow::ipc::MakeStreamWriter(&stream, answer.schema()), "write the answer");
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    throw_if_failed(answer.ReadNext(&batch), "read the daemon's answer");
    if (batch == nullptr) break;
    throw_if_failed(writer->WriteRecordBatch(*batch), "write the answer");
  }
  throw_if_failed(writer->Close(), "write the answer");
}

void print_parquet(const arrow::Table& rows, Console& console) {
  const auto stream = std::make_shared<ConsoleStream>(console);
  const auto properties =
      parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
  constexpr std::int64_t kRowsPerGroup = 1024 * 1024;
  throw_if_failed(parquet::arrow::WriteTable(
                      rows, arrow::default_memory_pool(), stream, kRowsPerGroup, properties,
                      parquet::ArrowWriterProperties::Builder().store_schema()->build()),
                  "write the samples");
}

void print_sql_table(const arrow::Table& rows, Console& console) {
  std::vector<TextTable::Column> titles;
  for (const auto& field : rows.schema()->fields()) {
    const bool right = is_number(*field->type());
    // On a narrow terminal those on the right go, and that is said.
    const auto drop_order = console.is_terminal() && rows.num_rows() > 0 ? titles.size() : 0;
    titles.push_back(
        {field->name(), right, right ? 0 : kLeastTextWidth, static_cast<int>(drop_order)});
  }
  TextTable table(std::move(titles));
  const auto columns = columns_of(rows);
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    std::vector<TextTable::Cell> cells;
    cells.reserve(columns.size());
    for (const CellColumn& column : columns) cells.push_back(cell_of(column.value(row)));
    table.add_row(std::move(cells));
  }
  std::string out;
  const std::size_t left_out = table.append_to(out, console.canvas());
  console.print(out);
  if (!console.is_terminal()) return;
  console.print_styled(
      Style::kDim, fmt::format("{} row{}{}\n", rows.num_rows(), rows.num_rows() == 1 ? "" : "s",
                               left_out == 0 ? ""
                                             : fmt::format("; no room for {} more columns: name "
                                                           "those that matter, or use --csv",
                                                           left_out)));
}

std::optional<std::string> marked_line(std::string_view statement, std::string_view error) {
  const auto position = position_in(error);
  if (!position) return std::nullopt;
  for (std::size_t i = 1; i < position->line; ++i) {
    const auto end = statement.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    statement.remove_prefix(end + 1);
  }
  const std::string_view line = statement.substr(0, statement.find('\n'));
  const std::string before = printable(line.substr(0, offset_of(line, position->column - 1)));
  return "  " + printable(line) + "\n  " + std::string(display_width(before), ' ') + "^\n";
}

}  // namespace litmus
