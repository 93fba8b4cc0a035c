// SPDX-License-Identifier: Apache-2.0
#include "store/small_run_file.h"

#include <arrow/array/array_base.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "litmus/version.h"
#include "store/parquet_chunk.h"
#include "store/small_run_columns.h"
#include "store/thrift_compact.h"

namespace litmus {
namespace {

using Type = ThriftWriter::Type;

constexpr std::size_t kMostTextBytes = 256 * 1024;  // of a column: it stays one page
constexpr std::size_t kFooterLengthSize = 4;
constexpr std::string_view kMagic = "PAR1";

bool same_fields(const arrow::Schema& left, const arrow::Schema& right) {
  return std::ranges::equal(left.fields(), right.fields(), [](const auto& a, const auto& b) {
    return a == b || a->Equals(*b, /*check_metadata=*/true);
  });
}

// Runs that come after each other mostly have the same columns: the last ones are kept.
std::shared_ptr<const SmallRunColumns> columns_of(const std::shared_ptr<arrow::Schema>& schema) {
  struct Last {
    std::mutex mutex;
    std::shared_ptr<const SmallRunColumns> columns;
  };
  static Last& last = *new Last;  // runs may be sealed while the process exits
  const std::lock_guard lock(last.mutex);
  if (!last.columns || !same_fields(*last.columns->schema, *schema)) {
    last.columns = std::make_shared<const SmallRunColumns>(schema);
  }
  return last.columns;
}

// Page by page, then the footer (Apache Parquet format, "File format"; the numbers of the fields
// are those of parquet.thrift).
class SmallRunFile {
 public:
  SmallRunFile(const SmallRunColumns& columns, const arrow::RecordBatch& rows)
      : columns_(columns), rows_(rows) {}

  // False if a column needs more than one page.
  bool add_columns() {
    out_ = kMagic;
    ParquetChunkWriter chunk_writer(out_);
    for (std::size_t i = 0; i < columns_.types.size(); ++i) {
      const arrow::Array& column = *rows_.column(static_cast<int>(i));
      if (!columns_.types[i].is_list && column.null_count() == column.length()) {
        chunks_.push_back(chunk_writer.append_nulls(columns_.types[i], column));
        continue;
      }
      const ParquetValues values(columns_.types[i], column);
      if (values.text_bytes > kMostTextBytes || values.defined.size() > 8 * kMostSmallRunRows)
        return false;
      chunks_.push_back(chunk_writer.append(columns_.types[i], values));
    }
    return true;
  }

  std::string finish(const RunFileMetadata& metadata) {
    const std::size_t begin = out_.size();
    add_footer(metadata);
    const auto size = static_cast<std::uint32_t>(out_.size() - begin);
    out_.resize(out_.size() + kFooterLengthSize);
    std::memcpy(out_.data() + out_.size() - kFooterLengthSize, &size, kFooterLengthSize);
    out_ += kMagic;
    return std::move(out_);
  }

 private:
  void add_footer(const RunFileMetadata& metadata) {
    ThriftWriter thrift(out_);
    thrift.begin_struct();  // FileMetaData
    thrift.i32(1, 2);       // version
    thrift.list(2, Type::kStruct, columns_.element_count);
    out_ += columns_.elements;
    thrift.i64(3, rows_.num_rows());
    thrift.list(4, Type::kStruct, 1);
    add_row_group(thrift);
    thrift.list(5, Type::kStruct, metadata.size() + 1);
    const auto add = [&thrift](std::string_view key, std::string_view value) {
      thrift.begin_struct();
      thrift.binary(1, key);
      thrift.binary(2, value);
      thrift.end_struct();
    };
    for (const auto& [key, value] : metadata) add(key, value);
    add("ARROW:schema", columns_.arrow_schema);
    thrift.binary(6, std::string(kSmallRunFileWriter) + kVersion);
    // Each column by the order of its type: without it no reader may use the ranges.
    thrift.list(7, Type::kStruct, chunks_.size());
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      thrift.begin_struct();
      thrift.begin_struct(1);
      thrift.end_struct();
      thrift.end_struct();
    }
    thrift.end_struct();
  }

  void add_row_group(ThriftWriter& thrift) {
    std::int64_t size = 0;
    std::int64_t compressed_size = 0;
    thrift.begin_struct();  // RowGroup
    thrift.list(1, Type::kStruct, chunks_.size());
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      thrift.begin_struct();  // ColumnChunk
      thrift.i64(2, 0);       // of an older version of the format
      thrift.begin_struct(3);
      chunks_[i].describe(thrift, columns_.types[i],
                          rows_.schema()->field(static_cast<int>(i))->name());
      thrift.end_struct();
      thrift.end_struct();
      size += chunks_[i].size;
      compressed_size += chunks_[i].compressed_size;
    }
    thrift.i64(2, size);
    thrift.i64(3, rows_.num_rows());
    thrift.i64(5, static_cast<std::int64_t>(kMagic.size()));
    thrift.i64(6, compressed_size);
    thrift.i16(7, 0);
    thrift.end_struct();
  }

  const SmallRunColumns& columns_;
  const arrow::RecordBatch& rows_;
  std::string out_;
  std::vector<ParquetChunk> chunks_;
};

}  // namespace

std::optional<std::string> encode_small_run_file(const arrow::RecordBatch& rows,
                                                 const RunFileMetadata& metadata) {
  if (rows.num_rows() > kMostSmallRunRows) return std::nullopt;
  const auto columns = columns_of(rows.schema());
  if (columns->types.empty()) return std::nullopt;
  SmallRunFile file(*columns, rows);
  if (!file.add_columns()) return std::nullopt;
  return file.finish(metadata);
}

}  // namespace litmus
