// SPDX-License-Identifier: Apache-2.0
#include <arrow/table.h>

#include <algorithm>
#include <memory>

#include "cli/channel_filter.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/sql_output.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct ExportOptions {
  ChannelFilter filter;
  std::string format = "csv";
  std::optional<std::string> data_dir;
};

const std::vector<std::string> kFormats{"csv", "parquet", "arrow"};

int export_channel(const ExportOptions& options, Console& console) {
  if (std::ranges::find(kFormats, options.format) == kFormats.end()) {
    throw Error(Code::kInvalidArgument,
                "--format: expected csv, parquet or arrow, found " + options.format);
  }
  if (options.format != "csv" && console.is_terminal()) {
    throw Error(Code::kInvalidArgument, options.format +
                                            " is nothing for a terminal: redirect it to a file or "
                                            "a program");
  }
  const auto rows =
      read_channel(options.filter.query(), resolve_data_dir(options.data_dir), console);
  arrow::TableBatchReader reader(rows);
  if (options.format == "csv") {
    print_csv(reader, console);
  } else if (options.format == "arrow") {
    print_arrow(reader, console);
  } else {
    print_parquet(*rows, console);
  }
  return kSuccess;
}

}  // namespace

Command channels_export_command() {
  auto options = std::make_shared<ExportOptions>();
  auto all = options->filter.command_options();
  all.push_back({.names = "-f,--format",
                 .help = "csv (default), parquet or arrow (an IPC stream)",
                 .target = &options->format,
                 .value_name = "FORMAT",
                 .completion = Completion::kChoices,
                 .choices = kFormats});
  all.push_back(data_dir_option(options->data_dir));
  return {
      .name = "export",
      .summary = "write all samples of a channel to standard output",
      .details =
          "Examples:\n"
          "  litmus channels export dmm.voltage > voltage.csv\n"
          "  litmus channels export dmm.voltage --since 2026-03-10 -f parquet > voltage.parquet\n"
          "  litmus channels export scope.ch1 --last 1 --expand > capture.csv",
      .options = std::move(all),
      .run = [options](Console& console) { return export_channel(*options, console); }};
}

}  // namespace litmus
