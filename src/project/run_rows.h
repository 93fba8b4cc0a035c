// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "litmus/value.h"
#include "model/run_columns.h"
#include "project/measurement_store.h"

namespace litmus {

// One execution of a step.
struct AttemptRow {
  AttemptColumns columns;
  ValueMap start_inputs;  // the outer parameters of its measurements
};

// A step row and what belongs to the measurement rows after it.
struct StepRow {
  std::int64_t row_seq = 0;  // position of the step's row; those of its measurements follow
  StepColumns columns;
  std::vector<AttemptRow> attempts;  // rising retry; the row shows the last; empty: it never ran
  ValueMap inputs;                   // of the last attempt, or planned
  ValueMap outputs;
  std::vector<std::uint32_t> instruments;     // positions in RunRows::instruments
  std::vector<MeasurementSpan> measurements;  // in RunRows::measurements, in row order
  std::int64_t measurement_count = 0;
  std::int64_t last_measured_retry = 0;
  std::int64_t left_out = 0;  // of the first measurements, by who wants only the others
};

// What the rows of a run's file are made of: the run row, then each step row followed by its
// measurements. Refers to the measurements of its accumulator: to be used before that takes the
// next event or goes away.
struct RunRows {
  RunColumns run;
  std::vector<InstrumentColumns> instruments;  // of the whole run, by first connection
  std::vector<StepRow> steps;                  // in row order; those that never ran come last
  const MeasurementStore* measurements = nullptr;
  ValueMap custom;  // final values of the user's own facts
  std::optional<std::string> environment_json;
  ValueMap profile_facets;
};

// The attempt of the step that has this retry.
const AttemptRow& attempt_of(const StepRow& step, std::int64_t retry);

}  // namespace litmus
