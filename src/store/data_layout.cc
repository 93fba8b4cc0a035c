// SPDX-License-Identifier: Apache-2.0
#include "store/data_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/blanks.h"

namespace litmus {
namespace {

std::vector<std::string> find_files(FileSystem& files, const std::string& store,
                                    std::string_view prefix, std::string_view suffix,
                                    std::string_view first_date = "") {
  std::vector<std::string> found;
  for (const DirectoryEntry& date : files.list(store)) {
    if (!date.is_directory || date.name < first_date) continue;
    const std::string folder = join_path(store, date.name);
    for (const DirectoryEntry& entry : files.list(folder)) {
      if (!entry.is_directory && entry.name.starts_with(prefix) && entry.name.ends_with(suffix)) {
        found.push_back(join_path(folder, entry.name));
      }
    }
  }
  return found;
}

}  // namespace

std::string events_folder(const std::string& data_dir, Timestamp session_start) {
  return join_path(join_path(data_dir, "events"), to_date(session_start));
}

std::string event_file_name(const Uuid& session_id, std::int64_t pid, std::int64_t segment) {
  const std::string stem = fmt::format("{}-{}", session_id.to_string(), pid);
  return segment == 0 ? stem + ".arrow" : fmt::format("{}_{:04}.arrow", stem, segment);
}

std::string event_ref_folder(const std::string& data_dir, Timestamp session_start,
                             const Uuid& session_id) {
  return join_path(events_folder(data_dir, session_start), session_id.to_string() + "_ref");
}

std::string runs_folder(const std::string& data_dir, Timestamp run_start) {
  return join_path(join_path(data_dir, "runs"), to_date(run_start));
}

std::vector<std::string> find_event_files(FileSystem& files, const std::string& data_dir) {
  return find_files(files, join_path(data_dir, "events"), "", ".arrow");
}

std::vector<std::string> find_session_files(FileSystem& files, const std::string& data_dir,
                                            const Uuid& session_id,
                                            std::optional<Timestamp> session_start) {
  return find_files(files, join_path(data_dir, "events"), session_id.to_string() + "-", ".arrow",
                    session_start ? to_date(*session_start) : "");
}

bool is_earlier_segment(const std::string& path, const std::string& later) {
  // `…-4711.arrow`, `…-4711_0001.arrow`, and after 9,999 of them `…-4711_10000.arrow`.
  const auto stem = [](const std::string& text) {
    return text.substr(0, text.find_first_of("_.", text.rfind('/') + 1));
  };
  if (later.empty() || stem(path) != stem(later)) return false;
  return path.size() != later.size() ? path.size() < later.size() : path < later;
}

std::vector<std::string> find_run_files(FileSystem& files, const std::string& data_dir) {
  auto found = find_files(files, join_path(data_dir, "runs"), "", ".parquet");
  std::ranges::reverse(found);
  return found;
}

std::string as_part_of_file_name(std::string_view text) {
  std::string name(without_outer_blanks(text).substr(0, 80));
  for (char& c : name) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    if (!plain) c = '-';
  }
  return name;
}

}  // namespace litmus
