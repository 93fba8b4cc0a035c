// SPDX-License-Identifier: Apache-2.0
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "base/terminal.h"
#include "channels/channel_follower.h"
#include "cli/channel_filter.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "report/number_format.h"
#include "results/table_cells.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr std::chrono::milliseconds kPace{200};

struct TailOptions {
  std::string channel;
  std::optional<std::string> session;
  std::optional<std::string> role;
  bool json_lines = false;
  std::optional<std::string> data_dir;
};

std::string text_of(const Value& value) {
  if (const auto* number = value.get_if<double>()) return exact_number(*number);
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* list = value.get_if<ValueList>()) return fmt::format("{} samples", list->size());
  std::string json;
  JsonWriter(json).value(value);
  return json;
}

void print_rows(const TailOptions& options, const ChannelSegmentHeader& header,
                const std::shared_ptr<arrow::RecordBatch>& batch, Console& console) {
  const auto rows = value_or_throw(arrow::Table::FromRecordBatches({batch}), "read samples");
  std::vector<std::pair<std::string, CellColumn>> columns;
  for (int i = 0; i < rows->num_columns() - 2; ++i) {  // without seq and crc
    columns.emplace_back(rows->schema()->field(i)->name(), CellColumn(*rows, i));
  }
  for (std::int64_t row = 0; row < rows->num_rows(); ++row) {
    std::string line;
    if (options.json_lines) {
      ValueMap map{{"channel_id", header.channel_id}};
      for (const auto& [name, column] : columns) map.set(name, column.value(row));
      JsonWriter(line).value(map);
    } else {
      line = text_of(columns[0].second.value(row)) + "  " + header.channel_id;
      for (std::size_t i = 1; i + 4 < columns.size(); ++i) {
        const auto& [name, column] = columns[i];
        line += name == "value" || name == "samples" ? "  " : "  " + name + "=";
        line += text_of(column.value(row));
      }
      const Value units = columns[columns.size() - 4].second.value(row);
      if (!units.is_null()) line += ' ' + text_of(units);
    }
    console.print(line + "\n");
  }
}

int tail(const TailOptions& options, Console& console) {
  ChannelFollower follower(
      posix_file_system(), resolve_data_dir(options.data_dir),
      {options.channel, options.role.value_or(""), options.session.value_or("")});
  while (!is_output_abandoned()) {
    follower.read(
        [&](const FollowedRows& found) { print_rows(options, found.header, found.rows, console); },
        kPace);
    console.flush();
  }
  return kClosedPipe;
}

}  // namespace

Command channels_tail_command() {
  auto options = std::make_shared<TailOptions>();
  CommandOption channel = channel_option(options->channel, false);
  channel.help = "id of a channel, or its beginning and *; none: all";
  return {.name = "tail",
          .summary = "print samples as they are recorded, until it is interrupted",
          .details =
              "Examples:\n"
              "  litmus channels tail\n"
              "  litmus channels tail 'dmm.*' --jsonl",
          .options = {channel,
                      {.names = "--session",
                       .help = "of this session: its id, or the beginning",
                       .target = &options->session,
                       .value_name = "ID",
                       .completion = Completion::kSessionId},
                      {.names = "--role",
                       .help = "of this instrument",
                       .target = &options->role,
                       .value_name = "ROLE"},
                      {.names = "--jsonl",
                       .help = "one sample as JSON in each line",
                       .target = &options->json_lines},
                      data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return tail(*options, console); }};
}

}  // namespace litmus
