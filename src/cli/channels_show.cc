// SPDX-License-Identifier: Apache-2.0
#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <memory>

#include "cli/channel_filter.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/json_rows.h"
#include "cli/sql_output.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr std::int64_t kRowsShown = 20;

struct ShowOptions {
  ChannelFilter filter;
  bool json = false;
  std::optional<std::string> data_dir;
};

// With how many samples there are in the place of lists, which no line has room for.
std::shared_ptr<arrow::Table> with_lists_counted(std::shared_ptr<arrow::Table> rows) {
  constexpr const char* kAction = "count samples";
  for (int i = 0; i < rows->num_columns(); ++i) {
    if (rows->field(i)->type()->id() != arrow::Type::LIST) continue;
    arrow::StringBuilder counts;
    for (const auto& chunk : rows->column(i)->chunks()) {
      const auto& lists = static_cast<const arrow::ListArray&>(*chunk);
      for (std::int64_t row = 0; row < lists.length(); ++row) {
        throw_if_failed(lists.IsNull(row)
                            ? counts.AppendNull()
                            : counts.Append(fmt::format("{} values", lists.value_length(row))),
                        kAction);
      }
    }
    const auto column =
        std::make_shared<arrow::ChunkedArray>(value_or_throw(counts.Finish(), kAction));
    const auto field = arrow::field(rows->field(i)->name(), arrow::utf8());
    rows = value_or_throw(rows->SetColumn(i, field, column), kAction);
  }
  return rows;
}

int show(const ShowOptions& options, Console& console) {
  ChannelQuery query = options.filter.query();
  if (!query.last_n && !query.max_points && !query.row && !query.expand) query.last_n = kRowsShown;
  const auto rows = read_channel(query, resolve_data_dir(options.data_dir), console);
  if (options.json) {
    console.print(json_document(*rows));
  } else if (rows->num_rows() == 0) {
    console.print("No samples found.\n");
  } else {
    print_sql_table(*with_lists_counted(rows), console);
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
