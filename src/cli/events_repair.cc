// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/event_listing.h"
#include "cli/progress.h"
#include "litmus/error.h"
#include "store/event_file_rewrite.h"

namespace litmus {
namespace {

struct RepairOptions {
  std::vector<std::string> files;
  std::optional<std::string> data_dir;
};

void print_repair(const std::string& path, const RepairResult& result, Console& console) {
  for (const EventDamage& damage : result.found.damages) {
    console.print(describe(path, damage) + "\n");
  }
  console.print(fmt::format("{}: {}, kept {} events", path,
                            result.found.damages.empty() ? "closed" : "repaired",
                            result.rows_kept));
  if (!result.original.empty()) console.print("; the original is " + result.original);
  console.print("\n");
}

int repair(const RepairOptions& options, Console& console) {
  FileSystem& files = posix_file_system();
  const auto paths = event_files(files, options.files, resolve_data_dir(options.data_dir));
  std::size_t repaired = 0;
  std::size_t busy = 0;
  std::size_t failed = 0;
  Progress progress("repairing event files");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    progress.update(i, paths.size());
    try {
      const RepairResult result = repair_event_file(files, paths[i]);
      if (!result.changed) continue;
      ++repaired;
      print_repair(paths[i], result, console);
    } catch (const Error& error) {
      console.warn(error.what());
      ++(error.code() == Code::kBusy ? busy : failed);
    }
  }
  console.print(fmt::format("{} of {} files changed", repaired, paths.size()));
  if (busy > 0) console.print(fmt::format(", {} still being written", busy));
  if (failed > 0) console.print(fmt::format(", {} could not be repaired", failed));
  console.print("\n");
  // Asked for by name, a file that cannot be repaired now is a failure.
  return failed > 0 || (busy > 0 && !options.files.empty()) ? kFailure : kSuccess;
}

}  // namespace

Command events_repair_command() {
  auto options = std::make_shared<RepairOptions>();
  return {.name = "repair",
          .summary = "keep every good event of damaged files; the originals are put aside",
          .details =
              "Repairing again changes nothing. `litmus data rebuild` makes run files anew\n"
              "from what was kept.\n\n"
              "Examples:\n"
              "  litmus events repair\n"
              "  litmus events repair damaged/*.arrow",
          .options = {{.names = "FILES",
                       .help = "event files; none: all of the data directory",
                       .target = &options->files,
                       .completion = Completion::kFile},
                      data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return repair(*options, console); }};
}

}  // namespace litmus
