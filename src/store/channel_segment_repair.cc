// SPDX-License-Identifier: Apache-2.0
#include "store/channel_segment_repair.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/process.h"
#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/channel_rows.h"
#include "store/channel_segment_reader.h"
#include "store/replaced_file.h"
#include "store/sealed_channel_rows.h"

namespace litmus {
namespace {

constexpr const char* kAction = "repair a segment";

// What can be read of a segment.
struct Saved {
  ChannelSegmentReport report;
  ChannelSegmentHeader header;
  std::shared_ptr<arrow::Schema> schema;
  SealedChannelRows rows;
};

Saved read(const std::shared_ptr<FileContent>& content) {
  Saved saved;
  saved.report = scan_channel_segment(
      content, [&](const std::shared_ptr<arrow::RecordBatch>& rows) { saved.rows.add(rows); });
  saved.schema = saved.report.schema;
  if (saved.report.header) saved.header = *saved.report.header;
  return saved;
}

// The heads of the channel's other segments, those of the same session first.
std::vector<ChannelSegmentHead> siblings_of(FileSystem& files, const std::string& path,
                                            const ChannelFileName& name) {
  std::vector<ChannelSegmentHead> same_session;
  std::vector<ChannelSegmentHead> others;
  const std::string channels = parent_folder(parent_folder(path));
  for (const DirectoryEntry& date : files.list(channels)) {
    if (!date.is_directory || date.name.starts_with('_')) continue;
    const std::string folder = join_path(channels, date.name);
    for (const DirectoryEntry& entry : files.list(folder)) {
      const auto other = ChannelFileName::parse(entry.name);
      if (!other || other->channel_id != name.channel_id) continue;
      auto head = read_channel_head(files, join_path(folder, entry.name));
      if (!head) continue;
      (other->session8 == name.session8 ? same_session : others).push_back(*std::move(head));
    }
  }
  std::ranges::move(others, std::back_inserter(same_session));
  return same_session;
}

// The file with another schema in front: its messages are searched for behind it, each row has its
// own checksum.
std::shared_ptr<FileContent> with_schema(const arrow::Schema& schema, Bytes original) {
  constexpr std::size_t kAlignment = 8;  // of messages
  std::string bytes = value_or_throw(arrow::ipc::SerializeSchema(schema), kAction)->ToString();
  if (original.size() > kAlignment) {
    const Bytes rest = original.subspan(kAlignment);
    bytes.append(reinterpret_cast<const char*>(rest.data()), rest.size());
  }
  return content_of(arrow::Buffer::FromString(std::move(bytes)));
}

// Where the schema or the header at the beginning is damaged.
std::optional<Saved> read_without_head(FileSystem& files, const std::string& path, Bytes original) {
  const auto name = ChannelFileName::parse(file_name(path));
  if (!name) return std::nullopt;
  auto candidates = siblings_of(files, path, *name);
  const std::size_t known = candidates.size();
  for (const std::string_view data_type : {kScalar, kScalarBool, kScalarText, kWaveform}) {
    ChannelSegmentHead& head = candidates.emplace_back();
    head.header.data_type = data_type;
    head.schema = channel_schema(data_type);
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const ChannelSegmentHead& head = candidates[i];
    Saved saved = read(with_schema(*head.schema->RemoveMetadata(), original));
    if (saved.rows.is_empty()) continue;
    saved.schema = head.schema;
    ChannelSegmentHeader& header = saved.header = head.header;
    const bool is_same_session =
        i < known && header.session_id.to_string().starts_with(name->session8);
    if (!is_same_session || header.writer != name->writer) {
      header.writer_id = Uuid::random();
      header.session_id = Uuid::parse(saved.rows.session_id());
      set_writer(header, {});
    }
    header.channel_id = name->channel_id;
    header.writer = name->writer;
    header.segment = name->segment;
    header.first_seq = name->segment == 0 ? 0 : saved.rows.first_seq();
    return saved;
  }
  return std::nullopt;
}

}  // namespace

ChannelRepair repair_channel_segment(FileSystem& files, const std::string& path) {
  const std::shared_ptr<FileContent> content = files.read(path);
  std::optional<Saved> saved = read(content);
  ChannelRepair repair;
  const bool is_damaged = !saved->report.damages.empty() || !saved->report.header;
  if (saved->report.closed && !is_damaged) return repair;
  if (saved->report.header) {
    const ChannelSegmentHeader& header = saved->header;
    if (!header.sealed && !saved->report.closed &&
        liveness_of(writer_of(header)) != Liveness::kDead) {
      throw Error(Code::kBusy, fmt::format("cannot repair {}: process {} on {} is writing it; "
                                           "repair it when that has ended",
                                           path, header.pid, header.host));
    }
  } else {
    saved = read_without_head(files, path, content->bytes());
  }
  repair.changed = true;
  if (is_damaged) repair.original = put_aside(files, path);
  if (!saved || !saved->schema) {
    files.remove(path);
    files.sync_folder(parent_folder(path));
  } else {
    ChannelSegmentHeader header = saved->header;
    if (!saved->rows.is_empty()) {
      repair.rows = saved->report.rows;
      header.lost = saved->rows.missing_from(header.first_seq);
    }
    const std::int64_t next =
        saved->rows.is_empty() ? header.first_seq : saved->rows.last_seq() + 1;
    if (header.sealed && next <= header.sealed->last_seq) {
      header.lost.push_back({next, header.sealed->last_seq});
    }
    repair.lost = header.lost;
    const auto rewritten = saved->rows.finish(path, header, *saved->schema);
    replace_content(files, path, {rewritten->data(), static_cast<std::size_t>(rewritten->size())});
  }
  return repair;
}

}  // namespace litmus
