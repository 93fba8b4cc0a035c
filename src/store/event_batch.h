// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "store/event_row.h"

namespace litmus {

// Appends one encapsulated Arrow IPC record batch message that holds this one row. The Arrow
// library writes the same bytes; its general machinery is too slow to run for each event.
// Texts longer than 2^31-1 bytes are an Error(kInvalidArgument).
void append_event_batch(std::string& out, const EventRow& row);

struct DecodedEvent {
  EventRow row;          // views into the bytes given
  std::size_t size = 0;  // of the whole message
};

// The message at the start of `bytes` if it is a complete one-row batch of exactly the shape that
// append_event_batch writes and its checksum holds; nothing otherwise.
std::optional<DecodedEvent> decode_event_batch(std::span<const std::uint8_t> bytes);

}  // namespace litmus
