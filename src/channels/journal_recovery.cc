// SPDX-License-Identifier: Apache-2.0
#include "channels/journal_recovery.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "channels/sample_columns.h"
#include "litmus/error.h"
#include "store/channel_registry.h"
#include "store/channel_segment_reader.h"
#include "store/channel_segment_repair.h"
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
  } else if (const auto* announced = std::get_if<JournalAnnounced>(&record)) {
    journal.channels[announced->channel].announced = announced->rows;
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

std::optional<JournalOwner> owner_in(Bytes bytes) {
  JournalScan scan(bytes, JournalScan::Trust::kLeft);
  const auto record = scan.next();
  const auto* owner = record ? std::get_if<JournalOwner>(&*record) : nullptr;
  return owner == nullptr ? std::nullopt : std::optional(*owner);
}

// Files whose writer was killed before they said whose they are.
void remove_unfinished(FileSystem& files, const std::string& folder) {
  constexpr auto kLongestBeginning = std::chrono::minutes(1);
  for (const DirectoryEntry& entry : files.list(folder)) {
    const std::string path = join_path(folder, entry.name);
    if (entry.is_directory || !entry.name.ends_with(kNewSuffix)) continue;
    const auto status = files.status(path);
    if (status && now() - status->modified_at > kLongestBeginning) files.remove(path);
  }
}

// Whether the process of any journal has ended; reads their beginnings only.
bool is_any_left(FileSystem& files, const std::string& folder) {
  constexpr std::uint64_t kOwnerSize = 4096;
  return std::ranges::any_of(files.list(folder), [&](const DirectoryEntry& entry) {
    if (entry.is_directory || !entry.name.ends_with(kEnding)) return false;
    try {
      const auto content = files.read_part(join_path(folder, entry.name), 0, kOwnerSize);
      const auto owner = owner_in(content->bytes());
      return owner && liveness_of(owner->process) == Liveness::kDead;
    } catch (const Error& error) {
      if (error.code() != Code::kNotFound) throw;
      return false;  // it was split meanwhile
    }
  });
}

// The segments of a channel, as one process has written them.
struct Segments {
  std::vector<std::string> paths;
  ChannelFileName next;  // of another one
  std::string next_path;
  ChannelSegmentReport last;                                                  // of the last one
  std::pair<Timestamp, Timestamp> times{Timestamp::max(), Timestamp::min()};  // of its rows
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
  segments.next = *name;
  segments.next_path = join_path(folder, name->to_string());
  if (segments.paths.empty()) return segments;
  segments.last = scan_channel_segment(
      files.read(segments.paths.back()), [&](const std::shared_ptr<arrow::RecordBatch>& batch) {
        const auto* times = batch->column(0)->data()->GetValues<std::int64_t>(1);
        const auto [first, last] = std::minmax_element(times, times + batch->num_rows());
        auto& [earliest, latest] = segments.times;
        earliest = std::min(earliest, Timestamp(std::chrono::microseconds(*first)));
        latest = std::max(latest, Timestamp(std::chrono::microseconds(*last)));
      });
  if (segments.last.header) segments.next_seq = segments.last.header->first_seq;
  if (segments.last.last_seq) segments.next_seq = *segments.last.last_seq + 1;
  return segments;
}

// Appends the rows from `next_seq` on.
void append_rows(ChannelSegmentWriter& writer, const JournalledRows& rows,
                 std::string_view data_type, std::int64_t next_seq) {
  std::size_t begin = 0;
  while (begin < rows.seqs.size()) {
    if (rows.seqs[begin] < next_seq) {
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < rows.seqs.size() && rows.seqs[end] == rows.seqs[end - 1] + 1) ++end;
    const std::size_t count = end - begin;
    const auto missing = std::span(rows.missing).subspan(begin, count);
    const bool has_missing = std::ranges::any_of(missing, [](auto is) { return is != 0; });
    writer.append({rows.seqs[begin],
                   static_cast<std::int64_t>(count),
                   std::make_shared<arrow::Buffer>(
                       reinterpret_cast<const std::uint8_t*>(rows.timestamps.data() + begin),
                       static_cast<std::int64_t>(8 * count)),
                   {number_column(data_type, std::span(rows.values).subspan(begin, count),
                                  has_missing ? missing : std::span<const std::uint8_t>())},
                   std::span(rows.text_numbers).subspan(begin, count)},
                  rows.texts);
    next_seq = rows.seqs[end - 1] + 1;
    begin = end;
  }
}

// Where the last segment was damaged: its rows were saved as far as they could be, and those of the
// journal come behind them.
ChannelSegmentHeader header_behind(const Segments& segments, const JournalContent& journal,
                                   const JournalledRows& rows) {
  ChannelSegmentHeader header;
  if (segments.last.header) {
    header = *segments.last.header;
  } else {
    header.channel_id = segments.next.channel_id;
    header.data_type = kScalar;
    header.writer = segments.next.writer;
  }
  header.writer_id = journal.owner.writer_id;
  header.session_id = journal.owner.session_id;
  set_writer(header, journal.owner.process);
  header.segment = segments.next.segment;
  header.first_seq = std::max(segments.next_seq, rows.seqs.front());
  header.sealed.reset();
  header.lost.clear();
  return header;
}

// Returns the path of the segment that was ended.
std::string recover_channel(FileSystem& files, const std::string& data_dir,
                            const JournalContent& journal, const JournalledRows& rows,
                            std::vector<ChannelDescriptor>& updates,
                            std::vector<std::string>& damages) {
  Segments segments = find_segments(files, data_dir, rows.channel);
  if (segments.paths.empty()) return "";  // they were removed
  std::string path = segments.paths.back();
  for (const ChannelDamage& damage : segments.last.damages) {
    if (!is_torn_tail(segments.last, damage)) damages.push_back(describe(path, damage));
  }
  if (!segments.last.header) {
    repair_channel_segment(files, path);
    segments = find_segments(files, data_dir, rows.channel);
  }
  const ChannelSegmentReport& report = segments.last;
  const bool is_complete = rows.seqs.empty() || rows.seqs.back() < segments.next_seq;
  const std::int64_t total =
      is_complete ? segments.next_seq : std::max(segments.next_seq, rows.seqs.back() + 1);
  if (is_complete && (report.closed || !report.header)) return "";
  ChannelSegmentHeader header;
  std::optional<ChannelSegmentWriter> opened;
  if (report.header && !report.header->sealed) {
    header = *report.header;
    const auto size = files.status(path)->size;
    const std::uint64_t end = report.good_end - (report.closed ? kEndMarkerSize : 0);
    if (size > end) files.truncate(path, end);  // a torn tail
    opened.emplace(files, path, header.session_id, report.schema->RemoveMetadata());
  } else {
    header = header_behind(segments, journal, rows);
    path = segments.next_path;
    opened.emplace(files, path, header, channel_schema(header.data_type), true);
  }
  ChannelSegmentWriter& writer = *opened;
  const bool is_number = header.data_type == kScalar || header.data_type == kScalarBool;
  if (is_number) append_rows(writer, rows, header.data_type, segments.next_seq);
  writer.finish();
  writer.sync();
  if (total > rows.announced) {
    ChannelDescriptor& update = updates.emplace_back();
    update.channel_id = header.channel_id;
    update.data_type = header.data_type;
    update.instrument_role = header.instrument_role;
    update.resource = header.resource;
    update.units = header.units;
    std::tie(update.first_seen, update.last_seen) = segments.times;
    if (!rows.timestamps.empty()) {
      const auto [first, last] = std::ranges::minmax_element(rows.timestamps);
      update.first_seen = std::min(update.first_seen, Timestamp(std::chrono::microseconds(*first)));
      update.last_seen = std::max(update.last_seen, Timestamp(std::chrono::microseconds(*last)));
    }
    update.row_count = total - rows.announced;
    update.sessions = rows.announced == 0 && header.writer.empty() ? 1 : 0;
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
      if (auto owner = owner_in(file.content->bytes())) {
        journal.owner = *std::move(owner);
        has_owner = true;
        journal.liveness = liveness_of(journal.owner.process);
        if (journal.liveness != Liveness::kDead) trust = JournalScan::Trust::kLive;
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
  if (!is_any_left(files, folder)) return damages;
  const auto lock = files.lock_folder(folder);
  if (!lock) return damages;  // somebody else does it
  remove_unfinished(files, folder);
  std::vector<std::string> ended;
  std::vector<ChannelDescriptor> updates;
  for (const JournalContent& journal : read_journals(files, data_dir)) {
    const auto status = files.status(journal.paths[0]);
    if (journal.liveness != Liveness::kDead || !status || status->owner != this_user()) continue;
    damages.insert(damages.end(), journal.damages.begin(), journal.damages.end());
    for (const auto& [number, rows] : journal.channels) {
      const std::string path = recover_channel(files, data_dir, journal, rows, updates, damages);
      if (!path.empty()) ended.push_back(path);
    }
    for (const std::string& path : journal.paths) files.remove(path);
  }
  if (!updates.empty()) merge_into_channel_registry(files, data_dir, updates);
  seal_channel_segments(files, ended);
  return damages;
}

}  // namespace litmus
