// SPDX-License-Identifier: Apache-2.0
#include "store/channel_segment_header.h"

#include <arrow/util/key_value_metadata.h>

#include "litmus/error.h"
#include "store/header_metadata.h"

namespace litmus {
namespace {

constexpr std::string_view kFormat = "channel-segment/1";

std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp to_time(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

}  // namespace

ChannelFileName ChannelSegmentHeader::file_name() const {
  return {channel_id, session_id.to_string().substr(0, 8), writer, segment};
}

std::shared_ptr<arrow::KeyValueMetadata> to_metadata(const ChannelSegmentHeader& header) {
  HeaderMetadata metadata(kFormat);
  metadata.add("writer_id", header.writer_id.to_string());
  metadata.add("session_id", header.session_id.to_string());
  metadata.add("pid", header.pid);
  metadata.add("host", header.host);
  if (header.process_started_at) {
    metadata.add("process_started_at", to_iso8601(*header.process_started_at));
  }
  metadata.add("channel_id", header.channel_id);
  metadata.add("data_type", header.data_type);
  metadata.add("instrument_role", header.instrument_role);
  metadata.add("resource", header.resource);
  if (header.units) metadata.add("units", *header.units);
  metadata.add("writer", header.writer);
  metadata.add("segment", header.segment);
  metadata.add("first_seq", header.first_seq);
  if (header.sealed) {
    metadata.add("rows", header.sealed->rows);
    metadata.add("last_seq", header.sealed->last_seq);
    metadata.add("first_time", microseconds(header.sealed->first_time));
    metadata.add("last_time", microseconds(header.sealed->last_time));
  }
  return metadata.finish();
}

std::optional<ChannelSegmentHeader> channel_header_from(const arrow::KeyValueMetadata& metadata) {
  const auto texts = HeaderTexts::read(metadata, kFormat);
  if (!texts) return std::nullopt;
  const auto text = [&](std::string_view key) { return texts->text(key).value_or(""); };
  ChannelSegmentHeader header;
  try {
    header.writer_id = Uuid::parse(text("writer_id"));
    header.session_id = Uuid::parse(text("session_id"));
    if (const auto started = texts->text("process_started_at")) {
      header.process_started_at = parse_iso8601(*started);
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  const auto pid = texts->integer("pid");
  const auto segment = texts->integer("segment");
  const auto first_seq = texts->integer("first_seq");
  if (!pid || !segment || !first_seq || text("channel_id").empty()) return std::nullopt;
  header.pid = *pid;
  header.host = text("host");
  header.channel_id = text("channel_id");
  header.data_type = text("data_type");
  header.instrument_role = text("instrument_role");
  header.resource = text("resource");
  header.units = texts->text("units");
  header.writer = text("writer");
  header.segment = *segment;
  header.first_seq = *first_seq;
  const auto rows = texts->integer("rows");
  const auto last_seq = texts->integer("last_seq");
  const auto first_time = texts->integer("first_time");
  const auto last_time = texts->integer("last_time");
  if (rows && last_seq && first_time && last_time) {
    header.sealed =
        ChannelSegmentHeader::Sealed{*rows, *last_seq, to_time(*first_time), to_time(*last_time)};
  }
  return header;
}

}  // namespace litmus
