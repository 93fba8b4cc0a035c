// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "upkeep/finding.h"

namespace litmus {

struct Diagnosis {
  std::vector<Finding> findings;  // by area, then path
  std::size_t event_files = 0;
  std::size_t run_files = 0;

  bool anything_lost() const;
  std::size_t open_problems() const;  // that could be put right and were not
};

struct DoctorOptions {
  // Puts right what can be put right: repairs event files of dead writers, seals runs from their
  // events, links missing large values again, removes what killed processes left. A damaged file is
  // put aside, never deleted.
  bool fix = false;
  // What is being looked at, and how far.
  std::function<void(const std::string& what, std::size_t done, std::size_t total)> on_progress =
      [](auto&, auto, auto) {};
};

// Looks at every byte of the event files and run files of a data directory, and at how they belong
// together. What the process of another host writes is never touched.
Diagnosis examine_data_dir(FileSystem& files, const std::string& data_dir,
                           const DoctorOptions& options);

}  // namespace litmus
