// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "report/text_table.h"
#include "store/channel_registry.h"

namespace litmus {
namespace {

struct ListOptions {
  bool json = false;
  std::optional<std::string> data_dir;
};

std::string to_json(const ChannelRegistry& channels) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_array();
  for (const auto& [id, channel] : channels) {
    write_json(json, channel);
  }
  json.end_array();
  return out + "\n";
}

std::string to_table(const ChannelRegistry& channels, const Canvas& canvas) {
  TextTable table({{"Channel", false, 8, 0},
                   {"Kind", false, 0, 0},
                   {"Units", false, 0, 0},
                   {"Rows", true, 0, 0},
                   {"Sessions", true, 0, 3},
                   {"Last seen", false, 0, 0},
                   {"Resource", false, 8, 4}});
  for (const auto& [id, channel] : channels) {
    table.add_row({{id},
                   {channel.data_type},
                   {channel.units.value_or("")},
                   {std::to_string(channel.row_count)},
                   {std::to_string(channel.sessions)},
                   {to_iso8601(channel.last_seen).substr(0, 19) + "Z"},
                   {channel.resource}});
  }
  std::string out;
  table.append_to(out, canvas);
  return out;
}

int list_channels(const ListOptions& options, Console& console) {
  const auto channels = known_channels(posix_file_system(), resolve_data_dir(options.data_dir));
  if (options.json) {
    console.print(to_json(channels));
  } else if (channels.empty()) {
    console.print("No channels found.\n");
  } else {
    console.print(to_table(channels, console.canvas()));
  }
  return kSuccess;
}

}  // namespace

Command channels_list_command() {
  auto options = std::make_shared<ListOptions>();
  return {.name = "list",
          .summary = "list the channels that were ever recorded",
          .details =
              "Examples:\n"
              "  litmus channels list\n"
              "  litmus channels list --json | jq '.[] | select(.instrument_role == \"dmm\")'",
          .options = {json_option(options->json), data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return list_channels(*options, console); }};
}

}  // namespace litmus
