// SPDX-License-Identifier: Apache-2.0
#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include <map>
#include <optional>

#include "base/process.h"
#include "channels/journal_recovery.h"
#include "litmus/channel_reference.h"
#include "litmus/error.h"
#include "store/channel_segment_reader.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"
#include "upkeep/prune.h"

namespace litmus {
namespace {

// Which run refers to which channel and session (its first 8 characters; empty: all of them).
using References = std::map<std::pair<std::string, std::string>, std::string>;

void add_references(References& references, const std::string& run_id,
                    const arrow::ChunkedArray& column) {
  for (const auto& chunk : column.chunks()) {
    if (chunk->type_id() != arrow::Type::STRING) return;
    const auto& texts = static_cast<const arrow::StringArray&>(*chunk);
    for (std::int64_t i = 0; i < texts.length(); ++i) {
      if (texts.IsNull(i) || !texts.GetView(i).starts_with("channel://")) continue;
      try {
        const ChannelReference reference = ChannelReference::parse(texts.GetView(i));
        references.try_emplace({reference.channel_id, reference.session_id.substr(0, 8)}, run_id);
      } catch (const Error&) {
        // A text that only looks like one.
      }
    }
  }
}

References references_of_runs(FileSystem& files, const std::string& data_dir) {
  References references;
  for (const std::string& path : find_run_files(files, data_dir)) {
    const RunFileReader reader(files, path);
    const auto rows = reader.rows();
    for (const auto& column : rows->columns()) add_references(references, reader.run_id(), *column);
  }
  return references;
}

// Empty: nobody needs the folder any more.
std::string needed_by(FileSystem& files, const std::string& folder, const References& references) {
  for (const DirectoryEntry& entry : files.list(folder)) {
    const auto name = ChannelFileName::parse(entry.name);
    if (!name) continue;
    for (const std::string& session8 : {name->session8, std::string()}) {
      const auto run = references.find({name->channel_id, session8});
      if (run != references.end()) {
        return fmt::format("run {} refers to {}", run->second, entry.name);
      }
    }
    const auto head = read_channel_head(files, join_path(folder, entry.name));
    if (!head || head->header.sealed) continue;
    const ChannelSegmentHeader& header = head->header;
    switch (liveness_of(writer_of(header))) {
      case Liveness::kAlive: return fmt::format("process {} is writing {}", header.pid, entry.name);
      case Liveness::kUnknown:
        return fmt::format("{} of {} is not closed", entry.name, header.host);
      case Liveness::kDead: break;
    }
  }
  return "";
}

}  // namespace

std::vector<PrunedFolder> prune_channels(FileSystem& files, const std::string& data_dir,
                                         Timestamp cutoff, bool dry_run) {
  std::vector<PrunedFolder> result;
  std::optional<References> references;
  for (const DirectoryEntry& date : files.list(channels_folder(data_dir))) {
    if (!date.is_directory || date.name.starts_with('_') || date.name >= to_date(cutoff)) continue;
    const std::string folder = join_path(channels_folder(data_dir), date.name);
    PrunedFolder& pruned = result.emplace_back();
    pruned.name = join_path("channels", date.name);
    count_files(files, folder, pruned);
    try {
      if (!references) {
        if (!dry_run) recover_journals(files, data_dir);
        references = references_of_runs(files, data_dir);
      }
      pruned.kept_because = needed_by(files, folder, *references);
      if (pruned.kept_because.empty() && !dry_run) remove_pruned_folder(files, folder);
    } catch (const Error& error) {
      pruned.kept_because = error.what();
    }
  }
  return result;
}

}  // namespace litmus
