// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "litmus/value.h"

namespace litmus {

struct FoundInstrument {
  std::string resource;
  std::optional<ValueMap> identity;  // it said who it is
};

struct ProtocolScan {
  std::string protocol;
  std::vector<FoundInstrument> instruments;
  std::string note;  // why nothing could be looked for, and what to install
};

// Looks for instruments on the buses of this machine, all protocols if none are named. Slow.
std::vector<ProtocolScan> scan_for_instruments(const std::vector<std::string>& protocols,
                                               bool identify);

}  // namespace litmus
