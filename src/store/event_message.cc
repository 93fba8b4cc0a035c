// SPDX-License-Identifier: Apache-2.0
#include "store/event_message.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>

#include "store/event_batch.h"
#include "store/event_file_schema.h"
#include "store/ipc_frame.h"

namespace litmus {
namespace {

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
  const auto read = read_ipc_frame(bytes);
  if (!read.frame) return problem(read.problem, read.incomplete);
  const auto& [size, message] = *read.frame;
  if (!message) {
    EventMessage end;
    end.size = size;
    return {std::move(end), "", false};
  }
  switch (message->type()) {
    case arrow::ipc::MessageType::SCHEMA: return read_header(*message, size);
    case arrow::ipc::MessageType::RECORD_BATCH: return read_rows(*message, size);
    default: return problem("expected events, found another kind of message");
  }
}

}  // namespace litmus
