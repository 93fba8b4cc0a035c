// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace litmus {

// When events reach stable storage, beyond the starts and ends of runs and sessions, which always
// do at once. Whatever the choice, an event survives the death of the process when emit returns.
enum class Durability {
  kGroup,  // every 100 ms, in the background
  kStep,   // also at the end of each step
  kEvent,  // each event before emit returns
};

}  // namespace litmus
