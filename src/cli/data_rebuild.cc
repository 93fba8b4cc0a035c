// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/event_filter.h"
#include "cli/progress.h"
#include "litmus/error.h"
#include "project/rebuild.h"

namespace litmus {
namespace {

using Status = RebuiltRun::Status;

constexpr std::size_t kDifferencesShown = 20;

struct RebuildOptions {
  std::optional<std::string> run;
  std::optional<std::string> since;
  bool all = false;
  bool write = false;
  bool json = false;
  std::optional<std::string> data_dir;
};

std::string_view name_of(Status status) {
  switch (status) {
    case Status::kSame: return "same";
    case Status::kDiffers: return "differs";
    case Status::kReplaced: return "replaced";
    case Status::kWritten: return "written";
    case Status::kIncomplete: return "incomplete";
    case Status::kNoEvents: return "no_events";
    case Status::kFailed: return "failed";
  }
  return "failed";
}

std::string_view sentence_of(Status status) {
  switch (status) {
    case Status::kSame: return "the file holds what the events say";
    case Status::kDiffers: return "the file differs from the events; --write replaces it";
    case Status::kReplaced: return "the file differed from the events and was replaced";
    case Status::kWritten: return "the file was missing and was written";
    case Status::kIncomplete: return "not sealed: its start or its end is not among the events";
    case Status::kNoEvents: return "there are no events of it any more; the file was left alone";
    case Status::kFailed: return "failed";
  }
  return "";
}

void write_texts(JsonWriter& json, const char* key, const std::vector<std::string>& texts) {
  json.key(key);
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

std::string to_json(const std::vector<RebuiltRun>& runs) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_array();
  for (const RebuiltRun& run : runs) {
    json.begin_object();
    json.key("run_id");
    json.value(run.run_id);
    json.key("status");
    json.value(name_of(run.status));
    json.key("file");
    json.value(run.path);
    json.key("difference_count");
    json.value(run.comparison.count);
    json.key("differences");
    json.begin_array();
    for (const RowDifference& difference : run.comparison.differences) {
      json.begin_object();
      json.key("row");
      json.value(difference.row);
      json.key("column");
      json.value(difference.column);
      json.key("in_file");
      json.value(difference.in_file);
      json.key("rebuilt");
      json.value(difference.rebuilt);
      json.end_object();
    }
    json.end_array();
    write_texts(json, "damages", run.damages);
    write_texts(json, "problems", run.problems);
    json.key("error");
    json.value(run.error);
    json.end_object();
  }
  json.end_array();
  return out + "\n";
}

Style style_of(Status status) {
  if (status == Status::kFailed || status == Status::kDiffers) return Style::kBad;
  if (status == Status::kWritten || status == Status::kReplaced) return Style::kGood;
  return Style::kDim;
}

void print_run(const RebuiltRun& run, Console& console) {
  console.print_styled(Style::kBold, run.run_id.empty() ? run.path : run.run_id.substr(0, 8));
  console.print("  ");
  console.print_styled(style_of(run.status),
                       run.error.empty() ? sentence_of(run.status) : run.error);
  console.print(run.run_id.empty() || run.path.empty() ? "\n" : "  " + run.path + "\n");
  const auto& differences = run.comparison.differences;
  const std::size_t shown = std::min(differences.size(), kDifferencesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const RowDifference& difference = differences[i];
    console.print(fmt::format("  {}{}{}: {} in the file, {} by the events\n", difference.row,
                              difference.column.empty() ? "" : ", ", difference.column,
                              difference.in_file, difference.rebuilt));
  }
  const std::int64_t rest = run.comparison.count - static_cast<std::int64_t>(shown);
  if (rest > 0) console.print(fmt::format("  and {} more\n", rest));
}

int rebuild(const RebuildOptions& options, Console& console) {
  if ((options.run ? 1 : 0) + (options.since ? 1 : 0) + (options.all ? 1 : 0) != 1) {
    throw Error(Code::kInvalidArgument,
                "which runs? Give a run id, --since or --all; see `litmus data rebuild --help`");
  }
  RebuildScope scope{.run = options.run, .since = std::nullopt};
  if (options.since) scope.since = parse_time("--since", *options.since);
  std::vector<RebuiltRun> runs;
  {
    Progress progress("rebuilding runs");
    runs =
        rebuild_runs(posix_file_system(), resolve_data_dir(options.data_dir), scope, options.write,
                     [&](std::size_t done, std::size_t total) { progress.update(done, total); });
  }
  if (options.json) {
    console.print(to_json(runs));
  } else {
    for (const RebuiltRun& run : runs) print_run(run, console);
    console.print(fmt::format("{} run{}\n", runs.size(), runs.size() == 1 ? "" : "s"));
  }
  for (const RebuiltRun& run : runs) {
    for (const std::string& damage : run.damages) console.warn(damage);
    for (const std::string& problem : run.problems) console.warn(run.run_id + ": " + problem);
  }
  const bool good = std::ranges::none_of(runs, [](const RebuiltRun& run) {
    return run.status == Status::kDiffers || run.status == Status::kFailed;
  });
  return good ? kSuccess : kFailure;
}

}  // namespace

Command data_rebuild_command() {
  auto options = std::make_shared<RebuildOptions>();
  return {.name = "rebuild",
          .summary = "compare run files with their events, and write those that are missing",
          .details =
              "Exit status 1 if a file differs and was not replaced.\n\n"
              "Examples:\n"
              "  litmus data rebuild 3f2a1b\n"
              "  litmus data rebuild --since 2026-03-01 --write",
          .options = {{.names = "RUN",
                       .help = "run id, or its beginning",
                       .target = &options->run,
                       .completion = Completion::kRunId},
                      {.names = "--since",
                       .help = "runs that started on this date (UTC) or at this time, or later",
                       .target = &options->since,
                       .value_name = "TIME"},
                      {.names = "--all", .help = "every run", .target = &options->all},
                      {.names = "--write",
                       .help = "also replace files that differ from their events",
                       .target = &options->write},
                      json_option(options->json),
                      data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return rebuild(*options, console); }};
}

}  // namespace litmus
