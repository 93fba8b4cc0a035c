// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace litmus {

// The claim check for stored samples, `channel://{channel_id}/{session_id}/{row}`, with `@{writer}`
// behind it where the row was counted by the second process of the session that writes the channel.
// Without a row the samples of the session are meant,
// `channel://{channel_id}?session={session_id}`; without a session all of the channel.
struct ChannelReference {
  std::string channel_id;
  std::string session_id;           // empty: all
  std::optional<std::int64_t> row;  // counts from 0
  std::string writer;               // empty: the first

  std::string to_uri() const;
  // Error(kInvalidArgument) for a text of another form.
  static ChannelReference parse(std::string_view uri);

  friend bool operator==(const ChannelReference&, const ChannelReference&) = default;
};

}  // namespace litmus
