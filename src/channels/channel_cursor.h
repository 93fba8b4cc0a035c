// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "litmus/time.h"
#include "litmus/value.h"

namespace litmus {

// Where somebody who follows channels is. A recording is what one process writes of one channel in
// one session; its name is that of its segments, `{date}/{stem}`. Rows of a recording that is
// listed are new if their seq is higher. Those of another one are new if its segment was modified
// at `from` or later; always, if there is no `from`.
struct ChannelCursor {
  std::optional<Timestamp> from;
  std::map<std::string, std::int64_t> recordings;  // last seq

  std::string to_json() const;
  // Error(kInvalidArgument) for what is none.
  static ChannelCursor from_value(const Value& value);
};

}  // namespace litmus
