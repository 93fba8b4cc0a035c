// SPDX-License-Identifier: Apache-2.0
#include "store/channel_segment_writer.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <deque>
#include <utility>

#include "litmus/error.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr const char* kAction = "encode samples";
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Collects a message without copying the large buffers of its body, which its payload keeps.
class PartsStream final : public arrow::io::OutputStream {
 public:
  arrow::Status Write(const void* data, std::int64_t size) override {
    constexpr std::int64_t kCopied = 4096;
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    if (size > kCopied) {
      parts_.emplace_back(bytes, static_cast<std::size_t>(size));
    } else if (size > 0) {
      const auto& copy = copies_.emplace_back(bytes, bytes + size);
      parts_.emplace_back(copy);
    }
    size_ += size;
    return arrow::Status::OK();
  }
  arrow::Status Write(const std::shared_ptr<arrow::Buffer>& buffer) override {
    return Write(buffer->data(), buffer->size());
  }
  arrow::Status Close() override { return arrow::Status::OK(); }
  bool closed() const override { return false; }
  arrow::Result<std::int64_t> Tell() const override { return size_; }

  std::span<const Bytes> parts() const { return parts_; }
  std::uint64_t size() const { return static_cast<std::uint64_t>(size_); }

 private:
  std::deque<std::vector<std::uint8_t>> copies_;
  std::vector<Bytes> parts_;
  std::int64_t size_ = 0;
};

void write_payload(const arrow::ipc::IpcPayload& payload, PartsStream& out) {
  std::int32_t metadata_length = 0;
  throw_if_failed(arrow::ipc::WriteIpcPayload(payload, arrow::ipc::IpcWriteOptions::Defaults(),
                                              &out, &metadata_length),
                  kAction);
}

}  // namespace

ChannelSegmentWriter::ChannelSegmentWriter(FileSystem& files, std::string path,
                                           const ChannelSegmentHeader& header,
                                           const std::shared_ptr<arrow::Schema>& schema,
                                           bool stays_open)
    : files_(files),
      path_(std::move(path)),
      batches_(schema, header.session_id.to_string()),
      stays_open_(stays_open) {
  const auto bytes =
      value_or_throw(arrow::ipc::SerializeSchema(*with_header(*schema, header)), kAction);
  // Whenever we are killed, what has the name of a segment has a header. The file is opened anew
  // under that name: the system tells followers of the name that a file was opened by.
  const std::string beginning =
      join_path(parent_folder(path_), header.writer_id.to_string() + ".tmp");
  try {
    files.open_for_append(beginning, FileSystem::Create::kReplace)
        ->append({bytes->data(), static_cast<std::size_t>(bytes->size())});
    files.rename_new(beginning, path_);
  } catch (...) {
    files.remove(beginning);
    throw;
  }
  size_ = static_cast<std::uint64_t>(bytes->size());
  texts_written_.fill(kNone);
}

ChannelSegmentWriter::ChannelSegmentWriter(FileSystem& files, std::string path,
                                           const Uuid& session_id,
                                           std::shared_ptr<arrow::Schema> schema)
    : files_(files),
      path_(std::move(path)),
      batches_(std::move(schema), session_id.to_string()),
      stays_open_(true) {
  texts_written_.fill(kNone);
}

ChannelSegmentWriter::~ChannelSegmentWriter() = default;

WritableFile& ChannelSegmentWriter::file() {
  if (!file_) file_ = files_.open_for_append(path_, FileSystem::Create::kExisting);
  return *file_;
}

void ChannelSegmentWriter::done() {
  size_ = file_->size();
  if (!stays_open_) file_.reset();
}

void ChannelSegmentWriter::append(const ChannelRows& rows, std::span<const RowTexts> texts) {
  const auto batch = batches_.make(rows, texts);
  PartsStream out;
  const auto options = arrow::ipc::IpcWriteOptions::Defaults();
  std::array<arrow::ipc::IpcPayload, kTextColumns> dictionaries;
  std::array<std::size_t, kTextColumns> written = texts_written_;
  for (std::size_t column = 0; column < kTextColumns; ++column) {
    const auto& dictionary = batches_.dictionary(column);
    if (std::cmp_equal(written[column], dictionary->length())) continue;
    throw_if_failed(arrow::ipc::GetDictionaryPayload(static_cast<std::int64_t>(column), dictionary,
                                                     options, &dictionaries[column]),
                    kAction);
    write_payload(dictionaries[column], out);
    written[column] = static_cast<std::size_t>(dictionary->length());
  }
  arrow::ipc::IpcPayload payload;
  throw_if_failed(arrow::ipc::GetRecordBatchPayload(*batch, options, &payload), kAction);
  write_payload(payload, out);
  file().append_parts(out.parts());
  texts_written_ = written;
  done();
}

void ChannelSegmentWriter::sync() {
  file().sync();
  done();
}

void ChannelSegmentWriter::finish() {
  static constexpr std::array<std::uint8_t, 8> kEndMarker{0xFF, 0xFF, 0xFF, 0xFF};
  file().append(kEndMarker);
  done();
}

}  // namespace litmus
