// SPDX-License-Identifier: Apache-2.0
#include "store/channel_segment_seal.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "store/channel_batch.h"
#include "store/channel_rows.h"
#include "store/channel_segment_reader.h"
#include "store/sealed_channel_rows.h"

namespace litmus {
namespace {

constexpr std::uint64_t kLargestFile = 256 * 1024 * 1024;  // it is held in memory a few times
// Beyond this many files one sync of the whole file system is quicker than one of each.
constexpr std::size_t kMostSingleSyncs = 16;

// The compacted segment; nothing if there is nothing to do.
std::shared_ptr<arrow::Buffer> sealed_copy(FileSystem& files, const std::string& path) {
  const auto status = files.status(path);
  if (!status || status->size > kLargestFile) return nullptr;
  SealedChannelRows rows;
  const auto report = scan_channel_segment(
      files.read(path), [&](const std::shared_ptr<arrow::RecordBatch>& batch) { rows.add(batch); });
  if (!report.closed || !report.damages.empty() || !report.header || report.header->sealed ||
      report.rows == 0) {
    return nullptr;
  }
  return rows.finish(path, *report.header, *report.schema);
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
  SealedChannelRows rows;
  for (int i = 0; i < 2; ++i) {
    rows.add(maker.make({i, 1, view(&time), {column}, {&number, 1}}, texts));
  }
  ChannelSegmentHeader header;
  header.channel_id = "dmm.voltage";
  rows.finish("memory", header, *schema);
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
