// SPDX-License-Identifier: Apache-2.0
#include <arrow/table.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>

#include "base/file_system.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "litmus/error.h"
#include "reader/open_results.h"
#include "report/report_csv.h"
#include "report/report_json.h"
#include "report/report_terminal.h"

namespace litmus {
namespace {

constexpr std::array kFormats{"json", "csv"};

struct ShowOptions {
  std::string run_id;
  std::optional<std::string> format;
  std::optional<std::string> output;
  std::optional<std::string> attempts;
  bool environment = false;
  CsvOptions csv;
  std::optional<std::string> data_dir;
};

void check_format(const std::string& format) {
  if (std::ranges::find(kFormats, format) != kFormats.end()) return;
  throw Error(
      Code::kNotFound,
      fmt::format("there is no report format {}; available: json, csv (without -f: text)", format));
}

// An existing folder, a name with `/` at its end and one without extension mean a folder.
std::string target_path(FileSystem& files, const ShowOptions& options, const std::string& run_id) {
  std::string name = fmt::format("report_{}.{}", run_id.substr(0, 8), *options.format);
  if (!options.output) return name;
  const std::string& output = *options.output;
  const bool is_folder = output.ends_with('/') || std::filesystem::is_directory(output) ||
                         std::filesystem::path(output).extension().empty();
  if (!is_folder) {
    if (const std::string folder = parent_folder(output); !folder.empty()) {
      files.create_folders(folder);
    }
    return output;
  }
  files.create_folders(output);
  return join_path(output, name);
}

// A run that is not found may be one that only the daemon would know.
RunSummary find_run(const OpenedResults& results, const std::string& id) {
  try {
    return results.reader->get_run(id);
  } catch (const Error& error) {
    if (error.code() != Code::kNotFound || !results.warning) throw;
    throw Error(Code::kNotFound, fmt::format("{} ({})", error.what(), *results.warning));
  }
}

int show(const ShowOptions& options, Console& console) {
  if (options.format) check_format(*options.format);
  if (options.attempts && options.attempts != "all" && options.attempts != "final") {
    throw Error(Code::kInvalidArgument,
                "--attempts: expected all or final, found " + *options.attempts);
  }
  if (options.output && !options.format) {
    throw Error(Code::kInvalidArgument, "-o needs a format: -f json or -f csv");
  }
  if ((options.csv.wide || options.csv.excel) && options.format != "csv") {
    throw Error(Code::kInvalidArgument, "--wide and --excel are for -f csv");
  }
  if (options.environment && options.format) {
    throw Error(Code::kInvalidArgument,
                "--env is for the terminal; -f json has the environment beside all else");
  }
  FileSystem& files = posix_file_system();
  OpenedResults results;
  RunSummary run;
  {
    Progress progress("looking for the run");
    results =
        open_results(resolve_data_dir(options.data_dir),
                     [&](std::size_t done, std::size_t total) { progress.update(done, total); });
    run = find_run(results, options.run_id);
  }
  RunReport report = make_report(*results.reader->run_rows(run));
  report.is_running = !run.outcome && !run.file_path;
  if (options.attempts == "final") report.keep_last_attempts();
  if (!options.format) {
    console.print(options.environment ? environment_to_terminal(report, console.canvas())
                                      : to_terminal(report, console.canvas()));
    return kSuccess;
  }
  const std::string content =
      *options.format == "json" ? to_json(report) : to_csv(report, options.csv);
  if (options.output == "-") {
    console.print(content);
    return kSuccess;
  }
  const std::string path = target_path(files, options, run.run_id);
  write_output_file(path, content);
  console.print(fmt::format("Report generated: {}\n", path));
  return kSuccess;
}

}  // namespace

Command show_command() {
  auto options = std::make_shared<ShowOptions>();
  return {.name = "show",
          .summary = "one test run: its steps and measurements, or a report of it",
          .details =
              "Examples:\n"
              "  litmus show 3f2a1b                       on the terminal\n"
              "  litmus show 3f2a1b -f json -o reports/   reports/report_3f2a1b2c.json\n"
              "  litmus show 3f2a1b -f csv --wide -o -    all columns, to standard output",
          .options = {{.names = "RUN_ID",
                       .help = "run id, or its beginning if no other run begins so",
                       .target = &options->run_id,
                       .completion = Completion::kRunId,
                       .required = true},
                      {.names = "-f,--format",
                       .help = "write a report: json or csv",
                       .target = &options->format,
                       .value_name = "FORMAT",
                       .completion = Completion::kChoices,
                       .choices = {kFormats.begin(), kFormats.end()}},
                      {.names = "-o,--output",
                       .help = "file, or folder for report_<id>.<format>; - is standard output",
                       .target = &options->output,
                       .value_name = "PATH",
                       .completion = Completion::kFile},
                      {.names = "--attempts",
                       .help = "measurements of all attempts, or of the final ones",
                       .target = &options->attempts,
                       .value_name = "all|final",
                       .completion = Completion::kChoices,
                       .choices = {"all", "final"}},
                      {.names = "--env",
                       .help = "the environment of the run instead of its steps",
                       .target = &options->environment},
                      {.names = "--wide",
                       .help = "csv: also path, vector, retry, time, and all in_, out_, custom_",
                       .target = &options->csv.wide},
                      {.names = "--excel",
                       .help = "csv: byte order mark and CRLF for spreadsheets",
                       .target = &options->csv.excel},
                      data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return show(*options, console); }};
}

}  // namespace litmus
