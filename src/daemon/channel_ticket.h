// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daemon/flight_ticket.h"

namespace litmus {

// Whether a ticket is about a channel: an id, percent-encoded as in a reference (`:`, `[` and `]`
// may stand as they are), perhaps with `*` behind it, at its end or before a `?`. SQL that could
// be taken for one has a space in front.
bool is_channel_ticket(std::string_view ticket);

// `<id>?key=value&...`. Error(kInvalidArgument) names the key that cannot be used.
ChannelHistoryRequest parse_channel_history(std::string_view ticket);

// Asks for all that is stored of the channel.
std::string history_ticket(std::string_view channel_id);

// The value of `follow`; `channel_id` percent-encoded. Error(kInvalidArgument) as above.
ChannelFollowRequest parse_channel_follow(const ValueMap& request);

}  // namespace litmus
