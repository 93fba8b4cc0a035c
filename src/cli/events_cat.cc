// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/event_line.h"
#include "cli/event_listing.h"
#include "cli/progress.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct CatOptions {
  std::vector<std::string> files;
  EventFilter filter;
  std::optional<std::int64_t> limit;
  bool json = false;
  bool json_lines = false;
  std::optional<std::string> data_dir;
};

int cat(const CatOptions& options, Console& console) {
  if (options.json && options.json_lines) {
    throw Error(Code::kInvalidArgument, "one of --json and --jsonl, not both");
  }
  const EventMatcher matcher(options.filter);
  FileSystem& files = posix_file_system();
  const std::string data_dir = resolve_data_dir(options.data_dir);
  if (options.data_dir && !files.exists(data_dir)) {
    console.warn(fmt::format("there is no folder {} yet", data_dir));
  }
  const auto paths = event_files(files, options.files, data_dir);
  check_event_types(options.filter, files, paths);
  std::string line;
  bool first = true;
  Progress progress("reading event files");
  const EventListing listing{
      .on_event =
          [&](const ListedEvent& event) {
            line.clear();
            if (options.json) {
              line = (first ? "[\n" : ",\n") + event.json;
            } else if (options.json_lines) {
              line = event.json + "\n";
            } else {
              append_event_line(line, console.canvas(), event);
            }
            first = false;
            console.print(line);
          },
      .on_damage = [&](const std::string& path,
                       const EventDamage& damage) { console.warn(describe(path, damage)); },
      .on_progress = [&](std::size_t done, std::size_t total) { progress.update(done, total); }};
  list_events(files, paths, matcher, options.limit, listing);
  if (first) check_identities(options.filter, files, paths);
  if (options.json) console.print(first ? "[]\n" : "\n]\n");
  return kSuccess;
}

}  // namespace

Command events_cat_command() {
  auto options = std::make_shared<CatOptions>();
  std::vector<CommandOption> all{{.names = "FILES",
                                  .help = "event files; none: all of the data directory",
                                  .target = &options->files,
                                  .completion = Completion::kFile}};
  for (auto& option : options->filter.identity_options()) all.push_back(std::move(option));
  for (auto& option : options->filter.time_options()) all.push_back(std::move(option));
  all.push_back({.names = "--limit", .help = "only the newest so many", .target = &options->limit});
  all.push_back({.names = "--json",
                 .help = "one JSON array of the events as they are stored",
                 .target = &options->json});
  all.push_back({.names = "--jsonl",
                 .help = "one event as JSON in each line",
                 .target = &options->json_lines});
  all.push_back(data_dir_option(options->data_dir));
  return {.name = "cat",
          .summary = "print recorded events in the order of their receipt",
          .details =
              "Examples:\n"
              "  litmus events cat --run 3f2a1b --type test.measurement\n"
              "  litmus events cat --since 2026-03-10 --limit 100\n"
              "  litmus events cat --jsonl | jq .event_type | sort | uniq -c\n\n" +
              event_types_help(),
          .options = std::move(all),
          .run = [options](Console& console) { return cat(*options, console); }};
}

}  // namespace litmus
