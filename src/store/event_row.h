// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "litmus/time.h"

namespace litmus {

// One row of an event file, the way it is stored (docs/formats/event-file.md). The texts belong to
// whoever made the row: the emitting call, or the reader that decoded it.
struct EventRow {
  std::int64_t seq = 0;  // rises by one per writer, across its segments
  Timestamp occurred_at;
  Timestamp received_at;
  std::string_view id;
  std::string_view event_type;
  std::string_view session_id;
  std::optional<std::string_view> run_id;
  std::string_view json;

  friend bool operator==(const EventRow&, const EventRow&) = default;
};

// CRC-32C over the row's columns in the byte order of docs/formats/event-file.md.
std::uint32_t row_crc(const EventRow& row);

}  // namespace litmus
