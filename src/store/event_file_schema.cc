// SPDX-License-Identifier: Apache-2.0
#include "store/event_file_schema.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "store/arrow_status.h"
#include "store/header_metadata.h"

namespace litmus {
namespace {

constexpr std::string_view kFormat = "event-file/1";

}  // namespace

const std::shared_ptr<arrow::Schema>& event_schema() {
  static const auto schema = [] {
    const auto time = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    return arrow::schema({
        arrow::field("id", arrow::utf8()),
        arrow::field("event_type", arrow::utf8()),
        arrow::field("occurred_at", time),
        arrow::field("received_at", time),
        arrow::field("session_id", arrow::utf8()),
        arrow::field("run_id", arrow::utf8()),
        arrow::field("json", arrow::utf8()),
        arrow::field("seq", arrow::int64()),
        arrow::field("crc", arrow::uint32()),
    });
  }();
  return schema;
}

std::shared_ptr<arrow::KeyValueMetadata> to_metadata(const EventFileHeader& header) {
  HeaderMetadata metadata(kFormat);
  add_writer(metadata, header);
  if (header.sealed) {
    metadata.add("rows", header.sealed->rows);
    metadata.add("last_seq", header.sealed->last_seq);
  }
  return metadata.finish();
}

std::optional<EventFileHeader> from_metadata(const arrow::KeyValueMetadata& metadata) {
  const auto texts = HeaderTexts::read(metadata, kFormat);
  if (!texts) return std::nullopt;
  EventFileHeader header;
  if (!read_writer(*texts, header)) return std::nullopt;
  const auto rows = texts->integer("rows");
  const auto last_seq = texts->integer("last_seq");
  if (rows && last_seq) header.sealed = EventFileHeader::Sealed{*rows, *last_seq};
  return header;
}

std::string encode_event_file_header(const EventFileHeader& header) {
  const auto schema = event_schema()->WithMetadata(to_metadata(header));
  return value_or_throw(arrow::ipc::SerializeSchema(*schema), "encode the event file header")
      ->ToString();
}

}  // namespace litmus
