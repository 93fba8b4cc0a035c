// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "litmus/value.h"
#include "model/run_columns.h"

namespace arrow {
class Table;
}

namespace litmus {

struct ReportedStep {
  StepColumns step;
  AttemptColumns attempt;  // the last one
  ValueMap inputs;         // without the prefix of their columns, absent ones left out
  ValueMap outputs;
  std::int64_t measurements = 0;  // of all attempts
  bool never_ran = false;
};

struct ReportedMeasurement {
  MeasurementColumns measurement;
  StepColumns step;
  AttemptColumns attempt;
  ValueMap inputs;
  ValueMap outputs;
  ValueMap custom;
  std::int64_t attempts = 1;  // at its vector: the row's own is attempt.vector_retry, from 0

  bool superseded() const { return attempt.vector_retry.value_or(0) + 1 < attempts; }
};

// How many measurements there are, by outcome.
struct MeasurementCounts {
  std::int64_t total = 0;
  std::int64_t passed = 0;
  std::int64_t failed = 0;
  std::int64_t skipped = 0;
  std::int64_t errored = 0;

  // Percent of those judged, with one decimal; absent when nothing was judged.
  std::optional<double> pass_rate() const;
};

// One run as every report shows it, in the order of its file.
struct RunReport {
  RunColumns run;
  bool is_running = false;  // more of it may come; the rows do not tell
  std::vector<ReportedStep> steps;
  std::vector<ReportedMeasurement> measurements;
  std::vector<InstrumentColumns> instruments;  // once per role and id
  Value environment;                           // the snapshot; null if there is none

  MeasurementCounts counts() const;
  void keep_last_attempts();  // drops the measurements of earlier ones
};

// From all rows of a run file of any version.
RunReport make_report(const arrow::Table& rows);

}  // namespace litmus
