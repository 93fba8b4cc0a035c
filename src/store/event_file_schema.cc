// SPDX-License-Identifier: Apache-2.0
#include "store/event_file_schema.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <utility>

#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/header_metadata.h"

namespace litmus {
namespace {

constexpr std::string_view kFormat = "event-file/1";

std::string to_text(const std::vector<SeqRange>& ranges) {
  std::string text;
  for (const SeqRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first) + '-' + std::to_string(range.last);
  }
  return text;
}

std::optional<std::vector<SeqRange>> to_ranges(std::string_view text) {
  std::vector<SeqRange> ranges;
  while (!text.empty()) {
    const auto item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const auto dash = item.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = to_integer(item.substr(0, dash));
    const auto last = to_integer(item.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    ranges.push_back({*first, *last});
  }
  return ranges;
}

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
  metadata.add("writer_id", header.writer_id.to_string());
  metadata.add("session_id", header.session_id.to_string());
  metadata.add("pid", header.pid);
  metadata.add("host", header.host);
  if (header.process_started_at) {
    metadata.add("process_started_at", to_iso8601(*header.process_started_at));
  }
  metadata.add("segment", header.segment);
  metadata.add("first_seq", header.first_seq);
  if (header.sealed) {
    metadata.add("rows", header.sealed->rows);
    metadata.add("last_seq", header.sealed->last_seq);
  }
  if (!header.lost.empty()) metadata.add("lost", to_text(header.lost));
  return metadata.finish();
}

std::optional<EventFileHeader> from_metadata(const arrow::KeyValueMetadata& metadata) {
  const auto texts = HeaderTexts::read(metadata, kFormat);
  if (!texts) return std::nullopt;
  EventFileHeader header;
  try {
    header.writer_id = Uuid::parse(texts->text("writer_id").value_or(""));
    header.session_id = Uuid::parse(texts->text("session_id").value_or(""));
    if (const auto started = texts->text("process_started_at")) {
      header.process_started_at = parse_iso8601(*started);
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  const auto pid = texts->integer("pid");
  const auto segment = texts->integer("segment");
  const auto first_seq = texts->integer("first_seq");
  const auto lost = to_ranges(texts->text("lost").value_or(""));
  if (!pid || !segment || !first_seq || !lost) return std::nullopt;
  header.pid = *pid;
  header.segment = *segment;
  header.first_seq = *first_seq;
  header.lost = *lost;
  header.host = texts->text("host").value_or("");
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
