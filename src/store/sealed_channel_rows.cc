// SPDX-License-Identifier: Apache-2.0
#include "store/sealed_channel_rows.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>

#include <algorithm>

#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/channel_rows.h"
#include "store/channel_segment_reader.h"

namespace litmus {
namespace {

constexpr const char* kAction = "compact a segment";
constexpr std::int64_t kRowsPerBatch = 65536;
constexpr std::int64_t kBytesPerBatch = 4 * 1024 * 1024;

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

const std::int64_t* seqs_of(const arrow::RecordBatch& rows) {
  return rows.column(rows.num_columns() - 2)->data()->GetValues<std::int64_t>(1);
}

}  // namespace

void SealedChannelRows::add(std::shared_ptr<arrow::RecordBatch> rows) {
  batches_.push_back(std::move(rows));
}

std::int64_t SealedChannelRows::first_seq() const { return seqs_of(*batches_.front())[0]; }

std::int64_t SealedChannelRows::last_seq() const {
  return seqs_of(*batches_.back())[batches_.back()->num_rows() - 1];
}

std::vector<SeqRange> SealedChannelRows::missing_from(std::int64_t first_seq) const {
  std::vector<SeqRange> missing;
  for (const auto& rows : batches_) {  // rows of a batch follow each other
    const std::int64_t seq = seqs_of(*rows)[0];
    if (seq > first_seq) missing.push_back({first_seq, seq - 1});
    first_seq = seq + rows->num_rows();
  }
  return missing;
}

std::string SealedChannelRows::session_id() const {
  const ChannelColumns columns(batches_.front()->num_columns());
  const auto& column =
      static_cast<const arrow::DictionaryArray&>(*batches_.front()->column(columns.session_id));
  return static_cast<const arrow::StringArray&>(*column.dictionary())
      .GetString(column.GetValueIndex(0));
}

std::shared_ptr<arrow::Buffer> SealedChannelRows::finish(const std::string& path,
                                                         ChannelSegmentHeader header,
                                                         const arrow::Schema& schema) const {
  const std::int64_t last_lost = header.lost.empty() ? -1 : header.lost.back().last;
  auto& sealed = header.sealed.emplace();
  sealed.last_seq = std::max(is_empty() ? header.first_seq - 1 : last_seq(), last_lost);
  if (!is_empty()) {
    sealed.first_time = Timestamp::max();
    sealed.last_time = Timestamp::min();
  }
  std::vector<std::uint32_t> expected;
  for (const auto& rows : batches_) {
    add_crcs(expected, *rows);
    sealed.rows += rows->num_rows();
    const auto* times = rows->column(0)->data()->GetValues<std::int64_t>(1);
    const auto [first, last] = std::minmax_element(times, times + rows->num_rows());
    sealed.first_time = std::min(sealed.first_time, Timestamp(std::chrono::microseconds(*first)));
    sealed.last_time = std::max(sealed.last_time, Timestamp(std::chrono::microseconds(*last)));
  }
  auto content = encoded(with_header(schema, header), merged(batches_));
  std::vector<std::uint32_t> found;
  const auto check = scan_channel_segment(
      content_of(content),
      [&](const std::shared_ptr<arrow::RecordBatch>& rows) { add_crcs(found, *rows); });
  if (found != expected || !check.damages.empty()) {
    throw Error(Code::kCorrupt, "cannot rewrite " + path +
                                    ": the compressed rows do not read back as they were; the file "
                                    "is left as it is");
  }
  return content;
}

std::shared_ptr<FileContent> content_of(std::shared_ptr<arrow::Buffer> buffer) {
  return std::make_shared<Memory>(std::move(buffer));
}

}  // namespace litmus
