// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <fmt/format.h>

#include "config/data_dir.h"
#include "litmus/error.h"

namespace litmus {

Command litmus_command() {
  return {.name = "litmus",
          .summary = "Records hardware tests: every event on disk, every run in one Parquet file.",
          .details =
              "Examples:\n"
              "  litmus init --starter my_project  a project with a simulated bench\n"
              "  litmus runs                    the newest test runs\n"
              "  litmus show 3f2a1b             one run, by the beginning of its id\n"
              "  litmus show 3f2a1b -f csv      its measurements as a file\n"
              "  litmus metrics summary         yield per day, product and station\n"
              "  litmus events tail             what is being recorded now\n"
              "  eval \"$(litmus completion bash)\"",
          .subcommands = {init_command(),       new_test_command(), runs_command(),
                          show_command(),       steps_command(),    measurements_command(),
                          metrics_command(),    sql_command(),      events_command(),
                          channels_command(),   data_command(),     station_command(),
                          instrument_command(), discover_command(), catalog_command(),
                          validate_command(),   explain_command(),  schema_command(),
                          doctor_command(),     daemon_command(),   completion_command()}};
}

Command events_command() {
  return {.name = "events",
          .summary = "read, watch, check and repair the recorded events",
          .details =
              "Examples:\n"
              "  litmus events cat --run 3f2a1b\n"
              "  litmus events verify",
          .subcommands = {events_cat_command(), events_tail_command(), events_verify_command(),
                          events_repair_command()}};
}

Command channels_command() {
  return {.name = "channels",
          .summary = "list, show, export and watch the samples of instruments",
          .details =
              "Examples:\n"
              "  litmus channels list\n"
              "  litmus channels export dmm.voltage > voltage.csv",
          .subcommands = {channels_list_command(), channels_show_command(),
                          channels_export_command(), channels_tail_command()}};
}

Command data_command() {
  return {.name = "data",
          .summary = "where the data is, making files and index anew, removing what is old",
          .details =
              "Examples:\n"
              "  litmus data path\n"
              "  litmus data rebuild --since 2026-03-01",
          .subcommands = {data_path_command(), data_rebuild_command(), data_reindex_command(),
                          data_prune_command()}};
}

Command daemon_command() {
  return {.name = "daemon",
          .summary = "the process that answers queries; programs start it when they want it",
          .details =
              "Examples:\n"
              "  litmus daemon status\n"
              "  litmus daemon stop",
          .subcommands = {daemon_run_command(), daemon_status_command(), daemon_stop_command()}};
}

Command station_command() {
  return {.name = "station",
          .summary = "benches: their files, and what is connected to them",
          .details =
              "Examples:\n"
              "  litmus station init --station-id bench_1\n"
              "  litmus station check bench_1",
          .subcommands = {station_init_command(), station_list_command(), station_check_command(),
                          station_update_command()}};
}

Command instrument_command() {
  return {.name = "instrument",
          .summary = "instruments: their files, and who answers at an address",
          .details =
              "Examples:\n"
              "  litmus instrument list\n"
              "  litmus instrument identify GPIB0::7::INSTR",
          .subcommands = {instrument_list_command(), instrument_show_command(),
                          instrument_identify_command(), instrument_cal_command()}};
}

Command catalog_command() {
  return {.name = "catalog",
          .summary = "models of instruments, and what they can do",
          .details = "Examples:\n  litmus catalog datasheet generic_dmm",
          .subcommands = {catalog_datasheet_command()}};
}

CommandOption data_dir_option(std::optional<std::string>& target) {
  return {.names = "--data-dir",
          .help = "data directory; else that of litmus.yaml, $LITMUS_HOME/data, or the user's",
          .target = &target,
          .value_name = "PATH",
          .completion = Completion::kFolder};
}

CommandOption json_option(bool& target) {
  return {.names = "--json", .help = "one JSON document instead of text", .target = &target};
}

std::string resolve_data_dir(const std::optional<std::string>& option) {
  FileSystem& files = posix_file_system();
  std::string path = resolve_data_dir(files, option).path;
  if (const auto found = files.status(path); found && !found->is_directory) {
    throw Error(Code::kInvalidArgument,
                fmt::format("the data directory {} is a file; name a folder", path));
  }
  return path;
}

}  // namespace litmus
