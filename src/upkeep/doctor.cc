// SPDX-License-Identifier: Apache-2.0
#include "upkeep/doctor.h"

#include <algorithm>

#include "upkeep/examination.h"

namespace litmus {

bool Diagnosis::anything_lost() const {
  return std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::kLost; });
}

std::size_t Diagnosis::open_problems() const {
  return static_cast<std::size_t>(std::ranges::count_if(findings, [](const Finding& finding) {
    return finding.severity == Severity::kProblem && !finding.fixed;
  }));
}

Diagnosis examine_data_dir(FileSystem& files, const std::string& data_dir,
                           const DoctorOptions& options) {
  return Examination(files, data_dir, options).result();
}

}  // namespace litmus
