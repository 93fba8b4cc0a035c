// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "litmus/channel_store.h"

namespace litmus {

// Which rows of a channel: the options that `channels show` and `channels export` have.
struct ChannelFilter {
  std::string channel;
  std::optional<std::string> session;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::int64_t> last;
  std::optional<std::int64_t> max_points;
  bool extremes = false;
  bool expand = false;
  bool descending = false;
  std::optional<std::string> columns;

  std::vector<CommandOption> command_options();
  ChannelQuery query() const;  // `channel` may be a reference
};

CommandOption channel_option(std::string& target, bool required);

// The rows, with a warning for each damaged place.
std::shared_ptr<arrow::Table> read_channel(const ChannelQuery& query, const std::string& data_dir,
                                           Console& console);

}  // namespace litmus
