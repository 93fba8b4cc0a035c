// SPDX-License-Identifier: Apache-2.0
#include "channels/journal_recovery.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "channels/sample_columns.h"
#include "litmus/error.h"
#include "store/channel_registry.h"
#include "store/channel_segment_reader.h"
#include "store/channel_segment_seal.h"
#include "store/channel_segment_writer.h"

namespace litmus {
namespace {

constexpr std::string_view kEnding = ".journal";
constexpr std::size_t kUuidLength = 36;
constexpr std::uint64_t kEndMarkerSize = 8;

struct ReadFile {
  std::string path;
  std::unique_ptr<FileContent> content;
};

void take(JournalContent& journal, const JournalRecord& record, const std::string& stem) {
  if (const auto* channel = std::get_if<JournalChannel>(&record)) {
    journal.channels[channel->channel].channel = *channel;
  } else if (const auto* texts = std::get_if<JournalTexts>(&record)) {
    auto& known = journal.channels[texts->channel].texts;
    if (known.size() <= texts->number) known.resize(texts->number + std::size_t{1});
    known[texts->number] = texts->texts;
  } else if (const auto* rows = std::get_if<JournalRows>(&record)) {
    JournalledRows& to = journal.channels[rows->channel];
    if (!to.channel.stem.starts_with(stem)) return;
    for (std::size_t i = 0; i < rows->values.size(); ++i) {
      to.seqs.push_back(rows->first_seq + static_cast<std::int64_t>(i));
    }
    to.timestamps.insert(to.timestamps.end(), rows->timestamps.begin(), rows->timestamps.end());
    to.values.insert(to.values.end(), rows->values.begin(), rows->values.end());
    to.missing.insert(to.missing.end(), rows->values.size(), rows->are_missing ? 1 : 0);
    to.text_numbers.insert(to.text_numbers.end(), rows->values.size(), rows->texts);
  }
}

// The segments of a channel, as one process has written them.
struct Segments {
  std::vector<std::string> paths;
  ChannelSegmentReport last;  // of the last one
  std::int64_t next_seq = 0;
};

Segments find_segments(FileSystem& files, const std::string& data_dir,
                       const JournalChannel& channel) {
  Segments segments;
  auto name = ChannelFileName::parse(channel.stem + ".arrow");
  if (!name) return segments;
  const std::string folder = join_path(channels_folder(data_dir), channel.date);
  for (;; ++name->segment) {
    std::string path = join_path(folder, name->to_string());
    if (!files.exists(path)) break;
    segments.paths.push_back(std::move(path));
  }
  if (segments.paths.empty()) return segments;
  segments.last = scan_channel_segment(files.read(segments.paths.back()), [](const auto&) {});
  if (segments.last.header) segments.next_seq = segments.last.header->first_seq;
  if (segments.last.last_seq) segments.next_seq = *segments.last.last_seq + 1;
  return segments;
}

// Appends the rows from `next_seq` on; returns how many.
std::int64_t append_rows(ChannelSegmentWriter& writer, const JournalledRows& rows,
                         std::string_view data_type, std::int64_t next_seq) {
  std::int64_t appended = 0;
  std::size_t begin = 0;
  while (begin < rows.seqs.size()) {
    if (rows.seqs[begin] < next_seq) {
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < rows.seqs.size() && rows.seqs[end] == rows.seqs[end - 1] + 1) ++end;
    const std::size_t count = end - begin;
    const std::vector<std::uint8_t> missing(
        rows.missing.begin() + static_cast<std::ptrdiff_t>(begin),
        rows.missing.begin() + static_cast<std::ptrdiff_t>(end));
    const bool has_missing = std::ranges::any_of(missing, [](auto is) { return is != 0; });
    writer.append({rows.seqs[begin],
                   static_cast<std::int64_t>(count),
                   std::make_shared<arrow::Buffer>(
                       reinterpret_cast<const std::uint8_t*>(rows.timestamps.data() + begin),
                       static_cast<std::int64_t>(8 * count)),
                   {number_column(data_type, std::span(rows.values).subspan(begin, count),
                                  has_missing ? &missing : nullptr)},
                   std::span(rows.text_numbers).subspan(begin, count)},
                  rows.texts);
    appended += static_cast<std::int64_t>(count);
    next_seq = rows.seqs[end - 1] + 1;
    begin = end;
  }
  return appended;
}

// Returns the path of the segment that was ended.
std::string recover_channel(FileSystem& files, const std::string& data_dir,
                            const JournalledRows& rows, std::vector<ChannelDescriptor>& updates) {
  const Segments segments = find_segments(files, data_dir, rows.channel);
  if (segments.paths.empty() || !segments.last.header || !segments.last.schema) return "";
  const std::string& path = segments.paths.back();
  const ChannelSegmentReport& report = segments.last;
  const bool is_complete = rows.seqs.empty() || rows.seqs.back() < segments.next_seq;
  if (report.closed && is_complete) return "";
  const auto size = files.status(path)->size;
  const std::uint64_t end = report.good_end - (report.closed ? kEndMarkerSize : 0);
  if (size > end) files.truncate(path, end);  // a torn tail
  ChannelSegmentWriter writer(files, path, report.header->session_id,
                              report.schema->RemoveMetadata());
  const bool is_number =
      report.header->data_type == kScalar || report.header->data_type == kScalarBool;
  const std::int64_t added =
      is_number ? append_rows(writer, rows, report.header->data_type, segments.next_seq) : 0;
  writer.finish();
  writer.sync();
  if (added > 0) {
    ChannelDescriptor& update = updates.emplace_back();
    update.channel_id = report.header->channel_id;
    update.data_type = report.header->data_type;
    update.instrument_role = report.header->instrument_role;
    update.resource = report.header->resource;
    update.units = report.header->units;
    const auto [first, last] = std::ranges::minmax_element(rows.timestamps);
    update.first_seen = Timestamp(std::chrono::microseconds(*first));
    update.last_seen = Timestamp(std::chrono::microseconds(*last));
    update.row_count = added;
  }
  return path;
}

}  // namespace

std::vector<JournalContent> read_journals(FileSystem& files, const std::string& data_dir,
                                          const std::string& stem) {
  const std::string folder = channel_journal_folder(data_dir);
  std::map<std::string, std::vector<ReadFile>> writers;  // by the id in the files' names
  for (const DirectoryEntry& entry : files.list(folder)) {
    if (entry.is_directory || !entry.name.ends_with(kEnding)) continue;
    ReadFile file{join_path(folder, entry.name), nullptr};
    try {
      file.content = files.read(file.path);
    } catch (const Error& error) {
      if (error.code() != Code::kNotFound) throw;
      continue;  // it was split meanwhile
    }
    writers[entry.name.substr(0, kUuidLength)].push_back(std::move(file));
  }
  std::vector<JournalContent> journals;
  for (const auto& [id, parts] : writers) {
    JournalContent journal;
    bool has_owner = false;
    for (const ReadFile& file : parts) {
      journal.paths.push_back(file.path);
      // Asked for each file: only the last one of a process that lives is still written to.
      auto trust = JournalScan::Trust::kLeft;
      JournalScan first(file.content->bytes(), trust);
      if (const auto record = first.next()) {
        if (const auto* owner = std::get_if<JournalOwner>(&*record)) {
          journal.owner = *owner;
          has_owner = true;
          journal.liveness = liveness_of({owner->host, owner->pid, owner->process_started_at});
          if (journal.liveness != Liveness::kDead) trust = JournalScan::Trust::kLive;
        }
      }
      JournalScan scan(file.content->bytes(), trust);
      while (const auto record = scan.next()) take(journal, *record, stem);
      if (scan.damaged_bytes() > 0) {
        journal.damages.push_back(fmt::format("{}: {} bytes of the journal cannot be read",
                                              file.path, scan.damaged_bytes()));
      }
    }
    if (has_owner) journals.push_back(std::move(journal));
  }
  return journals;
}

std::vector<std::string> recover_journals(FileSystem& files, const std::string& data_dir) {
  const std::string folder = channel_journal_folder(data_dir);
  std::vector<std::string> damages;
  if (files.list(folder).empty()) return damages;
  const auto lock = files.lock_folder(folder);
  if (!lock) return damages;  // somebody else does it
  std::vector<std::string> ended;
  std::vector<ChannelDescriptor> updates;
  for (const JournalContent& journal : read_journals(files, data_dir)) {
    const auto status = files.status(journal.paths[0]);
    if (journal.liveness != Liveness::kDead || !status || status->owner != this_user()) continue;
    damages.insert(damages.end(), journal.damages.begin(), journal.damages.end());
    for (const auto& [number, rows] : journal.channels) {
      const std::string path = recover_channel(files, data_dir, rows, updates);
      if (!path.empty()) ended.push_back(path);
    }
    for (const std::string& path : journal.paths) files.remove(path);
  }
  if (!updates.empty()) merge_into_channel_registry(files, data_dir, updates);
  seal_channel_segments(files, ended);
  return damages;
}

}  // namespace litmus
