// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace litmus {

// How bad it is.
enum class Severity {
  kNote,     // worth knowing, nothing to do
  kProblem,  // nothing is lost: it can be put right
  kLost,     // something that was recorded cannot be read any more
};

// Something that is not as it should be in a data directory.
struct Finding {
  Severity severity = Severity::kProblem;
  std::string area;    // `events`, `runs`, `references`, `channels`, `index`, `locks`
  std::string path;    // file or folder
  std::string what;    // one sentence
  std::string advice;  // what to do; empty: nothing
  bool fixed = false;  // `what` says what was done
};

}  // namespace litmus
