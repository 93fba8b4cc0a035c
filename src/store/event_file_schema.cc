// SPDX-License-Identifier: Apache-2.0
#include "store/event_file_schema.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/crc32c.h"
#include "litmus/error.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr std::string_view kPrefix = "litmus.";
constexpr std::string_view kCrcKey = "litmus.header_crc";
constexpr std::string_view kFormat = "event-file/1";

std::uint32_t checksum(const arrow::KeyValueMetadata& metadata) {
  std::uint32_t crc = 0;
  const auto add = [&](std::string_view text) {
    crc = crc32c({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, crc);
  };
  for (std::int64_t i = 0; i < metadata.size(); ++i) {
    const std::string& key = metadata.key(i);
    if (!key.starts_with(kPrefix) || key == kCrcKey) continue;
    add(key);
    add("=");
    add(metadata.value(i));
    add("\n");
  }
  return crc;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

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
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  const auto add = [&](std::string_view key, std::string value) {
    metadata->Append(std::string(kPrefix) + std::string(key), std::move(value));
  };
  add("format", std::string(kFormat));
  add("writer_id", header.writer_id.to_string());
  add("session_id", header.session_id.to_string());
  add("pid", std::to_string(header.pid));
  add("host", header.host);
  if (header.process_started_at) {
    add("process_started_at", to_iso8601(*header.process_started_at));
  }
  add("segment", std::to_string(header.segment));
  add("first_seq", std::to_string(header.first_seq));
  if (header.sealed) {
    add("rows", std::to_string(header.sealed->rows));
    add("last_seq", std::to_string(header.sealed->last_seq));
  }
  if (!header.lost.empty()) add("lost", to_text(header.lost));
  metadata->Append(std::string(kCrcKey), std::to_string(checksum(*metadata)));
  return metadata;
}

std::optional<EventFileHeader> from_metadata(const arrow::KeyValueMetadata& metadata) {
  const auto text = [&](std::string_view key) {
    return metadata.Get(std::string(kPrefix) + std::string(key));
  };
  const auto integer = [&](std::string_view key) -> std::optional<std::int64_t> {
    const auto value = text(key);
    return value.ok() ? to_integer(*value) : std::nullopt;
  };
  const auto crc = integer("header_crc");
  if (!crc || std::cmp_not_equal(*crc, checksum(metadata)) ||
      text("format").ValueOr("") != kFormat) {
    return std::nullopt;
  }
  EventFileHeader header;
  try {
    header.writer_id = Uuid::parse(text("writer_id").ValueOr(""));
    header.session_id = Uuid::parse(text("session_id").ValueOr(""));
    if (const auto started = text("process_started_at"); started.ok()) {
      header.process_started_at = parse_iso8601(*started);
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  const auto pid = integer("pid");
  const auto segment = integer("segment");
  const auto first_seq = integer("first_seq");
  const auto lost = to_ranges(text("lost").ValueOr(""));
  if (!pid || !segment || !first_seq || !lost) return std::nullopt;
  header.pid = *pid;
  header.segment = *segment;
  header.first_seq = *first_seq;
  header.lost = *lost;
  header.host = text("host").ValueOr("");
  const auto rows = integer("rows");
  const auto last_seq = integer("last_seq");
  if (rows && last_seq) header.sealed = EventFileHeader::Sealed{*rows, *last_seq};
  return header;
}

std::string encode_event_file_header(const EventFileHeader& header) {
  const auto schema = event_schema()->WithMetadata(to_metadata(header));
  return value_or_throw(arrow::ipc::SerializeSchema(*schema), "encode the event file header")
      ->ToString();
}

}  // namespace litmus
