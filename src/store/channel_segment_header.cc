// SPDX-License-Identifier: Apache-2.0
#include "store/channel_segment_header.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/ranges.h>

#include "store/header_metadata.h"

namespace litmus {
namespace {

constexpr std::string_view kFormat = "channel-segment/1";

std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp to_time(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

std::string names_of(const arrow::Schema& schema) {
  return fmt::format("{}", fmt::join(schema.field_names(), ","));
}

std::optional<HeaderTexts> texts_of(const arrow::Schema& schema) {
  if (!schema.HasMetadata()) return std::nullopt;
  return HeaderTexts::read(*schema.metadata(), kFormat);
}

}  // namespace

ChannelFileName ChannelSegmentHeader::file_name() const {
  return {channel_id, session_id.to_string().substr(0, 8), writer, segment};
}

std::shared_ptr<arrow::Schema> with_header(const arrow::Schema& schema,
                                           const ChannelSegmentHeader& header) {
  HeaderMetadata metadata(kFormat);
  add_writer(metadata, header);
  metadata.add("channel_id", header.channel_id);
  metadata.add("data_type", header.data_type);
  metadata.add("instrument_role", header.instrument_role);
  metadata.add("resource", header.resource);
  if (header.units) metadata.add("units", *header.units);
  metadata.add("writer", header.writer);
  if (header.sealed) {
    metadata.add("rows", header.sealed->rows);
    metadata.add("last_seq", header.sealed->last_seq);
    metadata.add("first_time", microseconds(header.sealed->first_time));
    metadata.add("last_time", microseconds(header.sealed->last_time));
  }
  metadata.add("columns", names_of(schema));
  return schema.WithMetadata(metadata.finish());
}

std::optional<ChannelSegmentHeader> channel_header_from(const arrow::Schema& schema) {
  const auto texts = texts_of(schema);
  if (!texts) return std::nullopt;
  const auto text = [&](std::string_view key) { return texts->text(key).value_or(""); };
  ChannelSegmentHeader header;
  if (!read_writer(*texts, header) || text("channel_id").empty()) return std::nullopt;
  header.channel_id = text("channel_id");
  header.data_type = text("data_type");
  header.instrument_role = text("instrument_role");
  header.resource = text("resource");
  header.units = texts->text("units");
  header.writer = text("writer");
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

bool has_columns_of_header(const arrow::Schema& schema) {
  const auto texts = texts_of(schema);
  const auto names = texts ? texts->text("columns") : std::nullopt;
  return !names || *names == names_of(schema);
}

}  // namespace litmus
