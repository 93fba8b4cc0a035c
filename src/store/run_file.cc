// SPDX-License-Identifier: Apache-2.0
#include "store/run_file.h"

#include <arrow/array/array_base.h>
#include <arrow/array/array_primitive.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <memory>
#include <optional>
#include <unordered_set>

#include "litmus/error.h"
#include "litmus/ids.h"
#include "store/arrow_status.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"
#include "store/run_file_stream.h"
#include "store/small_run_file.h"

namespace litmus {
namespace {

constexpr int kProbedGap = 4;  // a missing name may be a file that was removed by hand

// Whether a dictionary would hold about as much as the column itself, judged by its beginning.
template <class ArrayType>
bool mostly_distinct(const arrow::Array& array) {
  constexpr std::size_t kSample = 512;
  const auto& values = static_cast<const ArrayType&>(array);
  std::unordered_set<typename ArrayType::value_type> seen;
  std::size_t count = 0;
  for (std::int64_t i = 0; i < values.length() && count < kSample; ++i) {
    if (values.IsNull(i)) continue;
    seen.insert(values.Value(i));
    ++count;
  }
  return seen.size() * 2 > count;
}

std::optional<parquet::Encoding::type> encoding_instead_of_dictionary(const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::TIMESTAMP: return parquet::Encoding::DELTA_BINARY_PACKED;
    case arrow::Type::INT64:
      if (mostly_distinct<arrow::Int64Array>(array)) return parquet::Encoding::DELTA_BINARY_PACKED;
      return std::nullopt;
    case arrow::Type::DOUBLE:
      if (mostly_distinct<arrow::DoubleArray>(array)) return parquet::Encoding::BYTE_STREAM_SPLIT;
      return std::nullopt;
    default: return std::nullopt;
  }
}

// Of such a column nothing is left but a run length: compressing it makes it larger and costs more
// time than all the rest, since most columns of a run file are like that.
bool is_constant(const arrow::Array& array) {
  return array.null_count() == array.length() || array.RangeEquals(array, 0, array.length() - 1, 1);
}

std::string leaf_path(const arrow::Field& field) {
  return field.type()->id() == arrow::Type::LIST ? field.name() + ".list.element" : field.name();
}

std::shared_ptr<parquet::WriterProperties> writer_properties(const arrow::RecordBatch& first,
                                                             bool only_batch) {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->max_row_group_length(kRowsPerGroup)
      ->compression(parquet::Compression::ZSTD)
      ->enable_write_page_index()
      ->enable_page_checksum()
      ->set_size_statistics_level(parquet::SizeStatisticsLevel::None);
  for (int i = 0; i < first.num_columns(); ++i) {
    const arrow::Array& array = *first.column(i);
    const std::string path = leaf_path(*first.schema()->field(i));
    if (only_batch && is_constant(array)) {
      builder.compression(path, parquet::Compression::UNCOMPRESSED);
      if (array.null_count() == array.length()) builder.disable_dictionary(path);
    } else if (const auto encoding = encoding_instead_of_dictionary(array)) {
      builder.disable_dictionary(path)->encoding(path, *encoding);
    }
  }
  return builder.build();
}

void write_synced(WritableFile& file, arrow::RecordBatchReader& rows,
                  const RunFileMetadata& metadata) {
  const auto stream = std::make_shared<RunFileStream>(file);
  try {
    encode_run_file(*stream, rows, metadata);
    throw_if_failed(stream->Close(), "write " + file.path());
  } catch (const std::exception&) {
    if (stream->error()) std::rethrow_exception(stream->error());
    throw;
  }
  file.sync();
  file.close();
}

void link_blobs(FileSystem& files, const std::vector<RunBlob>& blobs, const std::string& folder) {
  if (blobs.empty()) return;
  files.create_folders(folder);
  for (const RunBlob& blob : blobs) files.link_or_copy(blob.source, join_path(folder, blob.name));
  files.sync_folder(folder);
}

std::string source_events_of(FileSystem& files, const std::string& path) {
  return RunFileReader(files, path).metadata("source_events").value_or("");
}

// Gives the finished file its name. Between the look at who has which name and the renaming no
// other process may do the same; without a lock (a file system that has none) two files of one run
// are possible, but none is lost.
PublishedRun put_in_place(FileSystem& files, const RunFile& file, const std::string& temporary) {
  const auto lock = files.lock_folder(file.folder);
  for (;;) {
    const RunFilePlace place = find_run_file_place(files, file.folder, file.stem, file.run_id);
    if (place.taken && source_events_of(files, place.path) != file.replaces) {
      files.remove(temporary);
      return {place.path, false};
    }
    link_blobs(files, file.blobs, run_ref_folder(place.path));
    if (place.taken) {
      files.rename(temporary, place.path);
      return {place.path};
    }
    try {
      files.rename_new(temporary, place.path);
      return {place.path};
    } catch (const Error& error) {
      if (error.code() != Code::kConflict) throw;  // else somebody took the name: look again
    }
  }
}

}  // namespace

void encode_run_file(arrow::io::OutputStream& out, arrow::RecordBatchReader& rows,
                     const RunFileMetadata& metadata) {
  const std::string action = "write a run file";
  std::shared_ptr<arrow::RecordBatch> batch = value_or_throw(rows.Next(), action);
  if (!batch) throw Error(Code::kInvalidArgument, "a run file needs at least the row of its run");
  std::shared_ptr<arrow::RecordBatch> next = value_or_throw(rows.Next(), action);
  if (!next) {
    if (const auto file = encode_small_run_file(*batch, metadata)) {
      return throw_if_failed(out.Write(*file), action);
    }
  }
  const auto properties = writer_properties(*batch, next == nullptr);
  // Non-owning: the writer closes neither it nor anything behind it.
  const std::shared_ptr<arrow::io::OutputStream> sink(&out, [](arrow::io::OutputStream*) {});
  const auto writer =
      value_or_throw(parquet::arrow::FileWriter::Open(
                         *rows.schema(), arrow::default_memory_pool(), sink, properties,
                         parquet::ArrowWriterProperties::Builder().store_schema()->build()),
                     action);
  const auto footer = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : metadata) footer->Append(key, value);
  throw_if_failed(writer->AddKeyValueMetadata(footer), action);
  while (batch) {
    throw_if_failed(writer->WriteRecordBatch(*batch), action);
    batch = next ? value_or_throw(rows.Next(), action) : nullptr;
    std::swap(batch, next);
  }
  throw_if_failed(writer->Close(), action);
}

std::string run_file_stem(Timestamp run_started_at, std::string_view dut_serial) {
  const std::string stamp = to_file_stamp(run_started_at);
  const std::string serial = as_part_of_file_name(dut_serial);
  return serial.empty() ? stamp : stamp + "_" + serial;
}

std::string run_ref_folder(const std::string& run_file_path) {
  constexpr std::string_view kSuffix = ".parquet";
  return run_file_path.substr(0, run_file_path.size() - kSuffix.size()) + "_ref";
}

std::optional<std::string_view> referenced_name(std::string_view text) {
  constexpr std::string_view kScheme = "file://";
  constexpr std::string_view kFolder = "_ref/";
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  if (!text.starts_with(kFolder)) return std::nullopt;
  return text.substr(kFolder.size());
}

RunFilePlace find_run_file_place(FileSystem& files, const std::string& folder,
                                 const std::string& stem, const std::string& run_id) {
  std::string free;
  int missing = 0;
  for (int n = 1; missing < kProbedGap; ++n) {
    const std::string name = n == 1 ? stem : fmt::format("{}_{}", stem, n);
    std::string path = join_path(folder, name + ".parquet");
    if (!files.exists(path)) {
      ++missing;
      if (free.empty()) free = std::move(path);
      continue;
    }
    missing = 0;
    try {
      if (RunFileReader(files, path).run_id() == run_id) return {path, true};
    } catch (const Error& error) {
      // Nobody can say whose a damaged file is: it keeps its name.
      if (error.code() != Code::kCorrupt && error.code() != Code::kNotFound) throw;
    }
  }
  return {free, false};
}

PublishedRun publish_run_file(FileSystem& files, const RunFile& file,
                              arrow::RecordBatchReader& rows) {
  files.create_folders(file.folder);
  // No process ever meets the temporary file of another, and no glob for *.parquet finds it.
  const std::string temporary =
      join_path(file.folder, fmt::format(".{}.{}.tmp", file.stem, Uuid::random().to_string()));
  PublishedRun published;
  try {
    const auto output = files.open_for_append(temporary, FileSystem::Create::kNew);
    write_synced(*output, rows, file.metadata);
    published = put_in_place(files, file, temporary);
  } catch (...) {
    try {
      files.remove(temporary);
    } catch (const Error&) {  // the first error is the one to tell
    }
    throw;
  }
  files.sync_folder(file.folder);
  return published;
}

}  // namespace litmus
