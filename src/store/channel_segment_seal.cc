// SPDX-License-Identifier: Apache-2.0
#include "store/channel_segment_seal.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>

#include <algorithm>
#include <optional>

#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/channel_batch.h"
#include "store/channel_rows.h"
#include "store/channel_segment_reader.h"

namespace litmus {
namespace {

constexpr const char* kAction = "compact a segment";
constexpr std::uint64_t kLargestFile = 256 * 1024 * 1024;  // it is held in memory a few times
constexpr std::int64_t kRowsPerBatch = 65536;
constexpr std::int64_t kBytesPerBatch = 4 * 1024 * 1024;
// Beyond this many files one sync of the whole file system is quicker than one of each.
constexpr std::size_t kMostSingleSyncs = 16;

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

std::int64_t bytes_of(const arrow::RecordBatch& batch) {
  std::int64_t bytes = 0;
  for (int i = ChannelColumns::first_value; i < batch.num_columns() - kTrailerColumns; ++i) {
    const auto& column = *batch.column(i);
    if (column.type_id() == arrow::Type::LIST) {
      bytes += 8 * static_cast<const arrow::ListArray&>(column).values()->length();
    }
  }
  return bytes + 40 * batch.num_rows();
}

// As few batches as the limits allow.
Batches merged(const Batches& batches) {
  Batches result;
  Batches group;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  const auto finish = [&] {
    if (group.empty()) return;
    result.push_back(group.size() == 1
                         ? group[0]
                         : value_or_throw(arrow::ConcatenateRecordBatches(group), kAction));
    group.clear();
    rows = bytes = 0;
  };
  for (const auto& batch : batches) {
    if (rows + batch->num_rows() > kRowsPerBatch || bytes + bytes_of(*batch) > kBytesPerBatch) {
      finish();
    }
    group.push_back(batch);
    rows += batch->num_rows();
    bytes += bytes_of(*batch);
  }
  finish();
  return result;
}

std::shared_ptr<arrow::Buffer> encoded(const std::shared_ptr<arrow::Schema>& schema,
                                       const Batches& batches) {
  const auto out = value_or_throw(arrow::io::BufferOutputStream::Create(), kAction);
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec =
      value_or_throw(arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME), kAction);
  options.min_space_savings = 0.1;
  options.use_threads = false;
  const auto writer = value_or_throw(arrow::ipc::MakeStreamWriter(out, schema, options), kAction);
  for (const auto& batch : batches) throw_if_failed(writer->WriteRecordBatch(*batch), kAction);
  throw_if_failed(writer->Close(), kAction);
  return value_or_throw(out->Finish(), kAction);
}

class Memory final : public FileContent {
 public:
  explicit Memory(std::shared_ptr<arrow::Buffer> buffer) : buffer_(std::move(buffer)) {}
  Bytes bytes() const override {
    return {buffer_->data(), static_cast<std::size_t>(buffer_->size())};
  }

 private:
  std::shared_ptr<arrow::Buffer> buffer_;
};

void add_crcs(std::vector<std::uint32_t>& crcs, const arrow::RecordBatch& rows) {
  const auto* values = rows.column(rows.num_columns() - 1)->data()->GetValues<std::uint32_t>(1);
  crcs.insert(crcs.end(), values, values + rows.num_rows());
}

// The compacted segment; nothing if there is nothing to do.
std::shared_ptr<arrow::Buffer> sealed_copy(FileSystem& files, const std::string& path) {
  const auto status = files.status(path);
  if (!status || status->size > kLargestFile) return nullptr;
  Batches batches;
  std::vector<std::uint32_t> expected;
  ChannelSegmentHeader::Sealed sealed{0, 0, Timestamp::max(), Timestamp::min()};
  const auto report =
      scan_channel_segment(files.read(path), [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
        batches.push_back(rows);
        add_crcs(expected, *rows);
        const auto* times = rows->column(0)->data()->GetValues<std::int64_t>(1);
        const auto [first, last] = std::minmax_element(times, times + rows->num_rows());
        sealed.first_time =
            std::min(sealed.first_time, Timestamp(std::chrono::microseconds(*first)));
        sealed.last_time = std::max(sealed.last_time, Timestamp(std::chrono::microseconds(*last)));
      });
  if (!report.closed || !report.damages.empty() || !report.header || report.header->sealed ||
      report.rows == 0) {
    return nullptr;
  }
  ChannelSegmentHeader header = *report.header;
  sealed.rows = report.rows;
  sealed.last_seq = *report.last_seq;
  header.sealed = sealed;
  const auto schema = report.schema->WithMetadata(to_metadata(header));
  auto content = encoded(schema, merged(batches));
  std::vector<std::uint32_t> found;
  const auto check = scan_channel_segment(
      std::make_shared<Memory>(content),
      [&](const std::shared_ptr<arrow::RecordBatch>& rows) { add_crcs(found, *rows); });
  if (found != expected || !check.damages.empty()) {
    throw Error(Code::kCorrupt, "cannot compact " + path +
                                    ": the compressed rows do not read back as they were; the file "
                                    "is left as it is");
  }
  return content;
}

}  // namespace

void prepare_channel_sealing() {
  const double value = 1.0;
  const std::int64_t time = 0;
  const auto view = [](const void* data) {
    return std::make_shared<arrow::Buffer>(static_cast<const std::uint8_t*>(data), 8);
  };
  const std::uint8_t number = 0;
  const std::vector<RowTexts> texts{{"V", "read", "measure_voltage"}};
  const auto& schema = channel_schema(kScalar);
  const auto column =
      arrow::MakeArray(arrow::ArrayData::Make(arrow::float64(), 1, {nullptr, view(&value)}, 0));
  ChannelBatchMaker maker(schema, "session");
  const auto batch = maker.make({0, 1, view(&time), {column}, {&number, 1}}, texts);
  const auto content =
      encoded(schema->WithMetadata(to_metadata(ChannelSegmentHeader{})), merged({batch, batch}));
  scan_channel_segment(std::make_shared<Memory>(content), [](const auto&) {});
}

void seal_channel_segments(FileSystem& files, const std::vector<std::string>& paths) {
  std::vector<std::string> written;
  const bool sync_each = paths.size() <= kMostSingleSyncs;
  for (const std::string& path : paths) {
    const std::string temporary = path + ".tmp";
    try {
      const auto content = sealed_copy(files, path);
      if (!content) continue;
      const auto file = files.open_for_append(temporary, FileSystem::Create::kReplace);
      file->append({content->data(), static_cast<std::size_t>(content->size())});
      if (sync_each) file->sync();
      file->close();
      written.push_back(path);
    } catch (const std::exception&) {
      files.remove(temporary);  // it stays as large as it is; every sample is in it
    }
  }
  if (written.empty()) return;
  if (!sync_each) files.sync_all(parent_folder(written[0]));
  for (const std::string& path : written) files.rename(path + ".tmp", path);
  files.sync_folder(parent_folder(written[0]));
}

}  // namespace litmus
