// SPDX-License-Identifier: Apache-2.0
#include <arrow/table.h>

#include <memory>

#include "cli/channel_filter.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/json_rows.h"
#include "cli/sql_output.h"

namespace litmus {
namespace {

constexpr std::int64_t kRowsShown = 20;

struct ShowOptions {
  ChannelFilter filter;
  bool json = false;
  std::optional<std::string> data_dir;
};

int show(const ShowOptions& options, Console& console) {
  ChannelQuery query = options.filter.query();
  if (!query.last_n && !query.max_points && !query.row && !query.expand) query.last_n = kRowsShown;
  const auto rows = read_channel(query, resolve_data_dir(options.data_dir), console);
  if (options.json) {
    console.print(json_document(*rows));
  } else if (rows->num_rows() == 0) {
    console.print("No samples found.\n");
  } else {
    print_sql_table(*rows, console);
  }
  return kSuccess;
}

}  // namespace

Command channels_show_command() {
  auto options = std::make_shared<ShowOptions>();
  auto all = options->filter.command_options();
  all.push_back(json_option(options->json));
  all.push_back(data_dir_option(options->data_dir));
  return {.name = "show",
          .summary = "print samples of a channel; the last 20 if nothing else is said",
          .details =
              "Examples:\n"
              "  litmus channels show dmm.voltage --last 100\n"
              "  litmus channels show scope.ch1 --last 1 --expand --max-points 50\n"
              "  litmus channels show channel://scope.ch1/3fcca080-…/0",
          .options = std::move(all),
          .run = [options](Console& console) { return show(*options, console); }};
}

}  // namespace litmus
