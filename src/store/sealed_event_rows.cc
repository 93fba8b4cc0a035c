// SPDX-License-Identifier: Apache-2.0
#include "store/sealed_event_rows.h"

#include <arrow/array/array_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <arrow/util/key_value_metadata.h>

#include <utility>

#include "store/arrow_status.h"
#include "store/event_file_schema.h"

namespace litmus {
namespace {

// A damaged byte in a sealed file can cost one whole batch: large enough to compress well, small
// enough to lose little.
constexpr std::int64_t kRowsPerSealedBatch = 1'000;

constexpr const char* kAction = "encode the events";

void check(const arrow::Status& status) {
  if (!status.ok()) throw_if_failed(status, kAction);
}

}  // namespace

// Collects rows and hands them to an IPC stream batch by batch.
class SealedEventRows::Batches {
 public:
  explicit Batches(const EventFileHeader& header)
      : schema_(event_schema()->WithMetadata(to_metadata(header))),
        out_(value_or_throw(arrow::io::BufferOutputStream::Create(), "make a buffer")) {
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.codec =
        value_or_throw(arrow::util::Codec::Create(arrow::Compression::ZSTD), "use zstd");
    options.use_threads = false;
    writer_ = value_or_throw(arrow::ipc::MakeStreamWriter(out_, schema_, options), kAction);
  }

  void add(const EventRow& row) {
    check(id_.Append(row.id));
    check(event_type_.Append(row.event_type));
    check(occurred_at_.Append(row.occurred_at.time_since_epoch().count()));
    check(received_at_.Append(row.received_at.time_since_epoch().count()));
    check(session_id_.Append(row.session_id));
    check(row.run_id ? run_id_.Append(*row.run_id) : run_id_.AppendNull());
    check(json_.Append(row.json));
    check(seq_.Append(row.seq));
    check(crc_.Append(row_crc(row)));
    if (seq_.length() == kRowsPerSealedBatch) flush();
  }

  std::shared_ptr<arrow::Buffer> finish() {
    if (seq_.length() > 0) flush();
    check(writer_->Close());
    return value_or_throw(out_->Finish(), kAction);
  }

 private:
  void flush() {
    const std::int64_t rows = seq_.length();
    arrow::ArrayVector columns;
    for (arrow::ArrayBuilder* builder :
         {static_cast<arrow::ArrayBuilder*>(&id_), static_cast<arrow::ArrayBuilder*>(&event_type_),
          static_cast<arrow::ArrayBuilder*>(&occurred_at_),
          static_cast<arrow::ArrayBuilder*>(&received_at_),
          static_cast<arrow::ArrayBuilder*>(&session_id_),
          static_cast<arrow::ArrayBuilder*>(&run_id_), static_cast<arrow::ArrayBuilder*>(&json_),
          static_cast<arrow::ArrayBuilder*>(&seq_), static_cast<arrow::ArrayBuilder*>(&crc_)}) {
      columns.push_back(value_or_throw(builder->Finish(), kAction));
    }
    check(writer_->WriteRecordBatch(*arrow::RecordBatch::Make(schema_, rows, std::move(columns))));
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::io::BufferOutputStream> out_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
  arrow::StringBuilder id_, event_type_, session_id_, run_id_, json_;
  arrow::TimestampBuilder occurred_at_{arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                       arrow::default_memory_pool()};
  arrow::TimestampBuilder received_at_{arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                       arrow::default_memory_pool()};
  arrow::Int64Builder seq_;
  arrow::UInt32Builder crc_;
};

SealedEventRows::SealedEventRows(const EventFileHeader& header)
    : batches_(std::make_unique<Batches>(header)) {}
SealedEventRows::~SealedEventRows() = default;
void SealedEventRows::add(const EventRow& row) { batches_->add(row); }
std::shared_ptr<arrow::Buffer> SealedEventRows::finish() { return batches_->finish(); }

}  // namespace litmus
