// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

// Which events. All that is given must fit; empty or absent: any.
struct EventSelection {
  std::vector<std::string> event_types = {};  // one of them: `test.measurement`, or `test.*`
  std::string role = {};  // of `role`, `instrument_role`, or a `channel_id` beginning `{role}.`
  std::string session_id = {};
  std::string run_id = {};
  std::optional<Timestamp> since = std::nullopt;  // on received_at, inclusive
};

// What a subscriber gets of the past.
enum class Replay {
  kMatching,            // all events of the selection
  kUnmaterializedRuns,  // those of runs that are not sealed yet
  kNone,
};

// How far a subscriber has got, independent of any index: what it has of each writer, and the time
// before which all that other writers have recorded counts as delivered. Writers that have been
// silent for a day need not be listed.
struct EventCursor {
  std::optional<Timestamp> from = std::nullopt;         // absent: the beginning
  std::unordered_map<Uuid, std::int64_t> writers = {};  // highest seq of each

  bool has(const Uuid& writer_id, std::int64_t seq, Timestamp received_at) const;

  // As users keep it between two runs of their program.
  std::string to_json() const;
  static EventCursor from_json(std::string_view json);  // Error(kInvalidArgument)

  friend bool operator==(const EventCursor&, const EventCursor&) = default;
};

}  // namespace litmus
