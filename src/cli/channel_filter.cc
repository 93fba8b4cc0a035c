// SPDX-License-Identifier: Apache-2.0
#include "cli/channel_filter.h"

#include <arrow/table.h>
#include <fmt/format.h>

#include <algorithm>

#include "channels/channel_query.h"
#include "channels/journal_recovery.h"
#include "cli/console.h"
#include "cli/event_filter.h"
#include "litmus/error.h"

namespace litmus {

CommandOption channel_option(std::string& target, bool required) {
  return {.names = "CHANNEL",
          .help = "id of the channel, or a reference channel://…",
          .target = &target,
          .completion = Completion::kChannelId,
          .required = required};
}

std::vector<CommandOption> ChannelFilter::command_options() {
  return {
      channel_option(channel, true),
      {.names = "--session",
       .help = "of this session: its id, or the first 8 characters",
       .target = &session,
       .value_name = "ID",
       .completion = Completion::kSessionId},
      {.names = "--since",
       .help = "at this time (UTC) or later",
       .target = &since,
       .value_name = "TIME"},
      {.names = "--until",
       .help = "at this time or earlier",
       .target = &until,
       .value_name = "TIME"},
      {.names = "--last", .help = "only the last so many rows", .target = &last},
      {.names = "--max-points",
       .help = "thinned to so many rows that keep the shape of the line",
       .target = &max_points},
      {.names = "--minmax",
       .help = "thinned to the smallest and the largest instead",
       .target = &extremes},
      {.names = "--expand", .help = "the samples of the one selected waveform", .target = &expand},
      {.names = "--desc", .help = "the newest first", .target = &descending},
      {.names = "--columns",
       .help = "only these, separated by commas",
       .target = &columns,
       .value_name = "NAMES"}};
}

ChannelQuery ChannelFilter::query() const {
  ChannelQuery query;
  query.channel_id = channel;
  if (channel.starts_with("channel://")) {
    const ChannelReference reference = ChannelReference::parse(channel);
    query.channel_id = reference.channel_id;
    query.session_id = reference.session_id;
    query.row = reference.row;
    query.writer = reference.writer;
  }
  if (session) query.session_id = *session;
  if (since) query.start = parse_time("--since", *since);
  if (until) {
    constexpr std::size_t kDateLength = 10;  // 2026-03-10: the whole day
    query.end = parse_time("--until", *until) +
                (until->size() == kDateLength ? std::chrono::days(1) - std::chrono::microseconds(1)
                                              : std::chrono::microseconds(0));
  }
  query.last_n = last;
  query.max_points = max_points;
  if (extremes) query.thinning = ChannelQuery::Thinning::kMinMax;
  query.expand = expand;
  query.descending = descending;
  for (std::size_t begin = 0; columns && begin <= columns->size();) {
    const std::size_t end = std::min(columns->find(',', begin), columns->size());
    query.columns.push_back(columns->substr(begin, end - begin));
    begin = end + 1;
  }
  return query;
}

std::shared_ptr<arrow::Table> read_channel(const ChannelQuery& query, const std::string& data_dir,
                                           Console& console) {
  FileSystem& files = posix_file_system();
  try {
    for (const std::string& damage : recover_journals(files, data_dir)) console.warn(damage);
  } catch (const Error&) {
    // A directory that may only be read: the journals are read where they are.
  }
  auto found = query_channel(files, data_dir, query);
  for (const std::string& damage : found.damages) console.warn(damage);
  if (query.row && found.table->num_rows() == 0) {
    throw Error(Code::kNotFound,
                fmt::format("channel {}: there is no row {} of session {} in {}", query.channel_id,
                            *query.row, query.session_id, data_dir));
  }
  return found.table;
}

}  // namespace litmus
