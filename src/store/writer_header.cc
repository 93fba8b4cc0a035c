// SPDX-License-Identifier: Apache-2.0
#include "store/writer_header.h"

#include <algorithm>

#include "litmus/error.h"
#include "store/header_metadata.h"

namespace litmus {
namespace {

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

bool WriterHeader::knows_as_lost(std::int64_t first, std::int64_t last) const {
  return std::ranges::any_of(
      lost, [&](const SeqRange& range) { return range.first <= first && last <= range.last; });
}

void add_writer(HeaderMetadata& metadata, const WriterHeader& header) {
  metadata.add("writer_id", header.writer_id.to_string());
  metadata.add("session_id", header.session_id.to_string());
  metadata.add("pid", header.pid);
  metadata.add("host", header.host);
  if (header.process_started_at) {
    metadata.add("process_started_at", to_iso8601(*header.process_started_at));
  }
  if (!header.process_start_key.empty()) {
    metadata.add("process_start_key", header.process_start_key);
  }
  metadata.add("segment", header.segment);
  metadata.add("first_seq", header.first_seq);
  if (!header.lost.empty()) metadata.add("lost", to_text(header.lost));
}

bool read_writer(const HeaderTexts& texts, WriterHeader& header) {
  try {
    header.writer_id = Uuid::parse(texts.text("writer_id").value_or(""));
    header.session_id = Uuid::parse(texts.text("session_id").value_or(""));
    if (const auto started = texts.text("process_started_at")) {
      header.process_started_at = parse_iso8601(*started);
    }
    header.process_start_key = texts.text("process_start_key").value_or("");
  } catch (const Error&) {
    return false;
  }
  const auto pid = texts.integer("pid");
  const auto segment = texts.integer("segment");
  const auto first_seq = texts.integer("first_seq");
  const auto lost = to_ranges(texts.text("lost").value_or(""));
  if (!pid || !segment || !first_seq || !lost) return false;
  header.pid = *pid;
  header.host = texts.text("host").value_or("");
  header.segment = *segment;
  header.first_seq = *first_seq;
  header.lost = *lost;
  return true;
}

}  // namespace litmus
