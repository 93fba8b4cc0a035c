// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "config/project_file.h"
#include "litmus/error.h"
#include "upkeep/prune.h"

namespace litmus {
namespace {

struct Options {
  std::optional<std::string> older_than;
  std::vector<std::string> types;
  bool dry_run = false;
  std::optional<std::string> data_dir;
};

// `90d`
std::chrono::days duration(const std::string& text) {
  std::int64_t days = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, days);
  if (error != std::errc() || stop + 1 != end || *stop != 'd' || days < 0 || days > 36'500) {
    throw Error(Code::kInvalidArgument,
                fmt::format("--older-than: expected days like 90d, found {}", text));
  }
  return std::chrono::days(days);
}

// Removing is for the owner of the data: a project prunes its own store and no other.
void require_own(const std::string& data_dir) {
  const auto project = find_project(posix_file_system(), current_folder());
  if (project &&
      (project->data_dir == data_dir || data_dir.starts_with(parent_folder(project->file) + "/"))) {
    return;
  }
  throw Error(Code::kUnauthorized,
              fmt::format("{} does not belong to {}: data is pruned only in the data directory of "
                          "the project (`data_dir` in its litmus.yaml), or inside its folder; go "
                          "to the project that owns it",
                          data_dir, project ? "the project of " + project->file : "any project"));
}

std::string size_text(std::uint64_t bytes) {
  return bytes < 1'000'000 ? fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3)
                           : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

int prune(const Options& options, Console& console) {
  if (!options.older_than) {
    throw Error(Code::kInvalidArgument, "how old? Give --older-than, for example --older-than 90d");
  }
  const auto age = duration(*options.older_than);
  for (const std::string& type : options.types) {
    if (type != "events" && type != "channels") {
      throw Error(Code::kInvalidArgument,
                  fmt::format("--type: expected events or channels, found {}; run files are never "
                              "pruned",
                              type));
    }
  }
  const std::string data_dir = resolve_data_dir(options.data_dir);
  require_own(data_dir);
  const auto is_wanted = [&](const char* type) {
    return options.types.empty() || std::ranges::find(options.types, type) != options.types.end();
  };
  std::vector<PrunedFolder> folders;
  if (is_wanted("events")) {
    folders = prune_events(posix_file_system(), data_dir, now() - age, options.dry_run);
  }
  const bool has_events = std::ranges::any_of(
      folders, [](const PrunedFolder& folder) { return folder.kept_because.empty(); });
  if (is_wanted("channels")) {
    const auto channels =
        prune_channels(posix_file_system(), data_dir, now() - age, options.dry_run);
    folders.insert(folders.end(), channels.begin(), channels.end());
  }
  std::uint64_t bytes = 0;
  std::size_t removed = 0;
  for (const PrunedFolder& folder : folders) {
    if (!folder.kept_because.empty()) {
      console.warn(fmt::format("kept {}: {}", folder.name, folder.kept_because));
      continue;
    }
    console.print(fmt::format("{} {}  {} files, {}\n", options.dry_run ? "Would remove" : "Removed",
                              folder.name, folder.files, size_text(folder.bytes)));
    bytes += folder.bytes;
    ++removed;
  }
  if (removed == 0) {
    console.print("Nothing to remove.\n");
  } else {
    console.print(fmt::format("{} folders, {}\n", removed, size_text(bytes)));
    if (!options.dry_run && has_events) {
      console.warn(
          "runs of these days can be exported from their run files only: their events "
          "are gone");
    }
  }
  return kSuccess;
}

}  // namespace

Command data_prune_command() {
  auto options = std::make_shared<Options>();
  return {
      .name = "prune",
      .summary = "remove old events and samples; run files are never removed",
      .details =
          "Removes whole days. A day in which anything is not sealed yet stays, and so does\n"
          "everything outside the project of the working directory. A day of samples that a run\n"
          "refers to stays, too.\n\n"
          "Examples:\n"
          "  litmus data prune --older-than 365d --dry-run",
      .options = {{.names = "--older-than",
                   .help = "age in days, for example 90d",
                   .target = &options->older_than,
                   .value_name = "DAYS"},
                  {.names = "--type",
                   .help = "events or channels; may be repeated (default: both)",
                   .target = &options->types,
                   .value_name = "TYPE",
                   .completion = Completion::kChoices,
                   .choices = {"events", "channels"}},
                  {.names = "--dry-run",
                   .help = "only say what would be removed",
                   .target = &options->dry_run},
                  data_dir_option(options->data_dir)},
      .run = [options](Console& console) { return prune(*options, console); }};
}

}  // namespace litmus
