// SPDX-License-Identifier: Apache-2.0
#include "store/run_file_reader.h"

#include <arrow/buffer.h>
#include <arrow/chunked_array.h>
#include <arrow/io/memory.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <utility>

#include "litmus/error.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

// Uncompressed pages are handed out as they lie in the file, so its bytes live as long as any
// array.
class ContentBuffer final : public arrow::Buffer {
 public:
  explicit ContentBuffer(std::unique_ptr<FileContent> content)
      : Buffer(content->bytes().data(), static_cast<std::int64_t>(content->bytes().size())),
        content_(std::move(content)) {}

 private:
  std::unique_ptr<FileContent> content_;
};

class TextContent final : public FileContent {
 public:
  explicit TextContent(std::string bytes) : bytes_(std::move(bytes)) {}
  Bytes bytes() const override {
    return {reinterpret_cast<const std::uint8_t*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::string bytes_;
};

// Parquet throws exceptions of its own, Arrow returns statuses. The bytes are in memory: whatever
// goes wrong with them, they are not what was written.
template <class Read>
auto reading(const std::string& path, Read read) {
  try {
    return read();
  } catch (const std::exception& error) {
    throw Error(Code::kCorrupt,
                fmt::format("{}: not a readable Parquet file: {}", path, error.what()));
  }
}

}  // namespace

RunFileReader::RunFileReader(FileSystem& files, std::string path) : path_(std::move(path)) {
  open(files.read(path_));
}

RunFileReader::RunFileReader(std::string name, std::string bytes) : path_(std::move(name)) {
  open(std::make_unique<TextContent>(std::move(bytes)));
}

RunFileReader::~RunFileReader() = default;

void RunFileReader::open(std::unique_ptr<FileContent> content) {
  reading(path_, [&] {
    const auto source = std::make_shared<arrow::io::BufferReader>(
        std::make_shared<ContentBuffer>(std::move(content)));
    parquet::ReaderProperties properties;
    properties.set_page_checksum_verification(true);
    parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
    arrow_properties.set_pre_buffer(false);
    reader_ =
        value_or_throw(parquet::arrow::FileReader::Make(
                           arrow::default_memory_pool(),
                           parquet::ParquetFileReader::Open(source, properties), arrow_properties),
                       "open it");
    throw_if_failed(reader_->GetSchema(&schema_), "read its schema");
  });
  for (const char* column : {"record_type", "run_id"}) {
    if (!schema_->GetFieldByName(column)) {
      throw Error(Code::kCorrupt,
                  fmt::format("{}: not a run file: it has no column `{}`", path_, column));
    }
  }
  if (row_count() == 0) {
    throw Error(Code::kCorrupt, fmt::format("{}: not a run file: it has no rows", path_));
  }
}

std::string RunFileReader::run_id() const {
  return reading(path_, [&]() -> std::string {
    const auto footer = reader_->parquet_reader()->metadata();
    const int column = footer->schema()->ColumnIndex("run_id");
    const auto statistics = footer->RowGroup(0)->ColumnChunk(column)->statistics();
    if (statistics && statistics->HasMinMax() &&
        statistics->EncodeMin() == statistics->EncodeMax()) {
      return statistics->EncodeMin();
    }
    const auto first = value_or_throw(reader_->ReadTable({column}), "read its run_id");
    return value_or_throw(first->column(0)->GetScalar(0), "read its run_id")->ToString();
  });
}

std::int64_t RunFileReader::row_count() const {
  return reader_->parquet_reader()->metadata()->num_rows();
}

RunFileMetadata RunFileReader::metadata() const {
  RunFileMetadata result;
  const auto footer = reader_->parquet_reader()->metadata()->key_value_metadata();
  for (std::int64_t i = 0; footer && i < footer->size(); ++i) {
    if (footer->key(i) != "ARROW:schema") result.emplace_back(footer->key(i), footer->value(i));
  }
  return result;
}

std::optional<std::string> RunFileReader::metadata(std::string_view key) const {
  for (auto& [name, value] : metadata()) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::shared_ptr<arrow::Table> RunFileReader::rows() const {
  return reading(path_, [&] { return value_or_throw(reader_->ReadTable(), "read its rows"); });
}

std::shared_ptr<arrow::Table> RunFileReader::columns(const std::vector<std::string>& names) const {
  return reading(path_, [&] {
    const auto* descriptor = reader_->parquet_reader()->metadata()->schema();
    std::vector<int> leaves;
    for (int i = 0; i < descriptor->num_columns(); ++i) {
      const std::string& root = descriptor->GetColumnRoot(i)->name();
      for (const std::string& name : names) {
        if (root == name) leaves.push_back(i);
      }
    }
    return value_or_throw(reader_->ReadTable(leaves), "read its columns");
  });
}

}  // namespace litmus
