// SPDX-License-Identifier: Apache-2.0
#include "store/event_message.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "store/event_batch.h"
#include "store/event_file_schema.h"

namespace litmus {
namespace {

constexpr std::uint32_t kContinuation = 0xFFFFFFFF;
constexpr std::size_t kPrefixSize = 8;

// A damaged length must not ask for all memory; columns of real batches stay far below the limit.
class LimitedPool final : public arrow::ProxyMemoryPool {
 public:
  using ProxyMemoryPool::ProxyMemoryPool;
  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override {
    constexpr std::int64_t kMost = std::int64_t{1} << 30U;
    if (size > kMost) return arrow::Status::OutOfMemory("a buffer of ", size, " bytes");
    return ProxyMemoryPool::Allocate(size, alignment, out);
  }
};

// Never destroyed: batches that outlive the call give their memory back to it.
arrow::MemoryPool* limited_pool() {
  static auto* pool = new LimitedPool(arrow::default_memory_pool());
  return pool;
}

std::uint32_t word_at(Bytes bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
}

EventMessageResult problem(std::string text, bool incomplete = false) {
  return {std::nullopt, std::move(text), incomplete};
}

EventMessageResult read_rows(const arrow::ipc::Message& message, std::size_t size) {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = limited_pool();
  options.use_threads = false;
  const arrow::ipc::DictionaryMemo no_dictionaries;
  auto read = arrow::ipc::ReadRecordBatch(message, event_schema(), &no_dictionaries, options);
  if (!read.ok()) return problem("record batch cannot be read: " + read.status().message());
  const auto& batch = *read;
  if (const auto valid = batch->ValidateFull(); !valid.ok()) {
    return problem("record batch is not valid: " + valid.message());
  }
  EventMessage result;
  result.kind = EventMessage::Kind::kRows;
  result.size = size;
  result.rows = rows_of(*batch);
  result.batch = batch;
  return {std::move(result), "", false};
}

EventMessageResult read_header(const arrow::ipc::Message& message, std::size_t size) {
  arrow::ipc::DictionaryMemo memo;
  const auto schema = arrow::ipc::ReadSchema(message, &memo);
  if (!schema.ok()) return problem("schema cannot be read: " + schema.status().message());
  EventMessage result;
  result.kind = EventMessage::Kind::kHeader;
  result.size = size;
  if ((*schema)->Equals(*event_schema(), /*check_metadata=*/false) && (*schema)->HasMetadata()) {
    result.header = from_metadata(*(*schema)->metadata());
  }
  return {std::move(result), "", false};
}

}  // namespace

std::vector<EventMessage::Row> rows_of(const arrow::RecordBatch& batch) {
  const auto text = [&](int column) {
    return static_cast<const arrow::StringArray*>(batch.column(column).get());
  };
  const auto time = [&](int column) {
    return static_cast<const arrow::TimestampArray*>(batch.column(column).get());
  };
  std::vector<EventMessage::Row> rows;
  const auto* seq = static_cast<const arrow::Int64Array*>(batch.column(7).get());
  const auto* crc = static_cast<const arrow::UInt32Array*>(batch.column(8).get());
  for (std::int64_t i = 0; i < batch.num_rows(); ++i) {
    EventMessage::Row item;
    EventRow& row = item.row;
    row.id = text(0)->GetView(i);
    row.event_type = text(1)->GetView(i);
    row.occurred_at = Timestamp(std::chrono::microseconds(time(2)->Value(i)));
    row.received_at = Timestamp(std::chrono::microseconds(time(3)->Value(i)));
    row.session_id = text(4)->GetView(i);
    if (text(5)->IsValid(i)) row.run_id = text(5)->GetView(i);
    row.json = text(6)->GetView(i);
    row.seq = seq->Value(i);
    bool complete = true;
    for (const int column : {0, 1, 2, 3, 4, 6, 7, 8}) {
      complete = complete && batch.column(column)->IsValid(i);
    }
    item.checksum_holds = complete && crc->Value(i) == row_crc(row);
    rows.push_back(item);
  }
  return rows;
}

EventMessageResult read_event_message(Bytes bytes) {
  if (const auto event = decode_event_batch(bytes)) {
    EventMessage message;
    message.kind = EventMessage::Kind::kRows;
    message.size = event->size;
    message.rows.push_back({event->row, true});
    return {std::move(message), "", false};
  }
  if (bytes.size() < kPrefixSize) {
    return problem(fmt::format("{} bytes, less than a message", bytes.size()), true);
  }
  if (word_at(bytes, 0) != kContinuation) {
    return problem(
        fmt::format("expected the start of a message (FFFFFFFF), found {:08X}", word_at(bytes, 0)));
  }
  const std::size_t metadata_size = word_at(bytes, 4);
  if (metadata_size == 0) {
    EventMessage end;
    end.size = kPrefixSize;
    return {std::move(end), "", false};
  }
  if (metadata_size % 8 != 0) return problem("the message's length is damaged");
  if (bytes.size() - kPrefixSize < metadata_size) {
    return problem("the message's header goes beyond the end of the file", true);
  }
  const auto metadata = std::make_shared<arrow::Buffer>(bytes.data() + kPrefixSize,
                                                        static_cast<std::int64_t>(metadata_size));
  // Opened without a body first: only that tells how long the body is.
  const auto head = arrow::ipc::Message::Open(metadata, nullptr);
  if (!head.ok()) return problem("the message's header is damaged: " + head.status().message());
  const std::int64_t body_size = (*head)->body_length();
  const std::size_t rest = bytes.size() - kPrefixSize - metadata_size;
  if (body_size < 0 || body_size % 8 != 0) return problem("the message's body length is damaged");
  if (std::cmp_less(rest, body_size)) {
    return problem("the message goes beyond the end of the file", true);
  }
  const std::size_t size = kPrefixSize + metadata_size + static_cast<std::size_t>(body_size);
  const auto body =
      std::make_shared<arrow::Buffer>(bytes.data() + kPrefixSize + metadata_size, body_size);
  const auto message = arrow::ipc::Message::Open(metadata, body);
  if (!message.ok()) return problem("the message is damaged: " + message.status().message());
  switch ((*message)->type()) {
    case arrow::ipc::MessageType::SCHEMA: return read_header(**message, size);
    case arrow::ipc::MessageType::RECORD_BATCH: return read_rows(**message, size);
    default: return problem("expected events, found another kind of message");
  }
}

}  // namespace litmus
