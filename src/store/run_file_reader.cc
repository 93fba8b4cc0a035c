// SPDX-License-Identifier: Apache-2.0
#include "store/run_file_reader.h"

#include <arrow/array/util.h>
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

#include <unordered_set>
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

// Most columns of a run hold one value or none, and the footer says which: reading them costs more
// than all the others. Only of small files, and of the writers whose statistics are exact. Nothing
// where the footer does not tell.
std::shared_ptr<arrow::Array> array_from_footer(const parquet::FileMetaData& footer, int leaf,
                                                const std::shared_ptr<arrow::Field>& field) {
  constexpr std::int64_t kFewRows = 16 * 1024;
  const std::int64_t rows = footer.num_rows();
  const std::string& writer = footer.writer_version().application_;
  if (!field || footer.num_row_groups() != 1 || rows > kFewRows ||
      (writer != "litmus" && writer != "parquet-cpp-arrow")) {
    return nullptr;
  }
  const auto id = field->type()->id();
  if (id != arrow::Type::STRING && id != arrow::Type::TIMESTAMP && id != arrow::Type::INT64 &&
      id != arrow::Type::DOUBLE && id != arrow::Type::BOOL) {
    return nullptr;
  }
  const auto statistics = footer.RowGroup(0)->ColumnChunk(leaf)->statistics();
  if (!statistics || !statistics->HasNullCount()) return nullptr;
  if (statistics->null_count() == rows) {
    return value_or_throw(arrow::MakeArrayOfNull(field->type(), rows), "read a column");
  }
  if (id != arrow::Type::STRING || statistics->null_count() != 0 || !statistics->HasMinMax()) {
    return nullptr;
  }
  const std::string lowest = statistics->EncodeMin();
  if (lowest != statistics->EncodeMax()) return nullptr;
  return value_or_throw(arrow::MakeArrayFromScalar(arrow::StringScalar(lowest), rows),
                        "read a column");
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
    const std::unordered_set<std::string_view> wanted(names.begin(), names.end());
    const auto footer = reader_->parquet_reader()->metadata();
    std::vector<int> leaves;
    arrow::FieldVector fields;
    arrow::ChunkedArrayVector arrays;
    for (int i = 0; i < footer->num_columns(); ++i) {
      const std::string& root = footer->schema()->GetColumnRoot(i)->name();
      if (!wanted.contains(root)) continue;
      const auto field = schema_->GetFieldByName(root);
      if (const auto array = array_from_footer(*footer, i, field)) {
        fields.push_back(field);
        arrays.push_back(std::make_shared<arrow::ChunkedArray>(array));
      } else {
        leaves.push_back(i);
      }
    }
    const auto table = value_or_throw(reader_->ReadTable(leaves), "read its columns");
    for (int i = 0; i < table->num_columns(); ++i) {
      fields.push_back(table->field(i));
      arrays.push_back(table->column(i));
    }
    return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(arrays), row_count());
  });
}

}  // namespace litmus
