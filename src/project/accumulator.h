// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "litmus/events.h"
#include "project/measurement_store.h"
#include "project/plan.h"
#include "project/run_rows.h"

namespace litmus {

// Turns the events of one run into the rows of its file, while the run goes on or afterwards: what
// is shown live and what is sealed come from here. One owner, no locking.
class RunAccumulator {
 public:
  // `files` takes the measurements of a large run.
  RunAccumulator(Uuid session_id, Uuid run_id, FileSystem& files = posix_file_system())
      : session_id_(session_id), run_id_(run_id), measurements_(files) {}

  // True if the rows depend on the event; events of other runs and sessions are none of them.
  // `writer` is any number that tells the writers apart. The events of one writer come in the order
  // in which it wrote them; those of different writers may come in any order.
  bool apply(const Event& event, std::uint32_t writer = 0);

  // Whether an event of this type can matter, so that others need not be parsed.
  static bool reads(std::string_view event_type);

  bool started() const { return start_.has_value(); }
  bool ended() const { return end_.has_value(); }

  // While the run goes on its outcome and end are null. Error(kInvalidArgument) before its start.
  RunRows rows() const&;
  RunRows rows() && = delete;  // they refer to the accumulator

 private:
  struct AttemptEnd {
    Timestamp at;
    std::uint32_t writer = 0;
    std::optional<Outcome> outcome;
    std::optional<Outcome> vector_outcome;
    ValueMap inputs;
    ValueMap outputs;
    std::optional<std::string> error_type;
    std::optional<std::string> error_message;
    std::optional<std::string> error_traceback;
  };
  struct AttemptState {
    std::int64_t retry = 0;
    std::optional<Timestamp> started_at;
    ValueMap start_inputs;
    std::optional<AttemptEnd> end;
    std::optional<Outcome> worst_measurement;
  };
  struct Outcomes {
    std::optional<Outcome> attempt;
    std::optional<Outcome> vector;
  };
  struct StepState {
    StepColumns columns;
    std::vector<AttemptState> attempts;         // by retry
    std::vector<MeasurementSpan> measurements;  // as they came
    std::int64_t measurement_count = 0;
    std::int64_t last_measured_retry = 0;
    std::vector<std::string> roles;
    Timestamp seen_at;  // of its first event
    std::uint32_t writer = 0;
    bool several_writers = false;
  };
  using StepNumber = std::size_t;

  bool take(const RunStarted& event, std::uint32_t writer);
  bool take(const RunEnded& event, std::uint32_t writer);
  bool take(const InstrumentConnected& event, std::uint32_t writer);
  bool take(const StepsDiscovered& event, std::uint32_t writer);
  bool take(const StepStarted& event, std::uint32_t writer);
  bool take(const MeasurementRecorded& event, std::uint32_t writer);
  bool take(const StepEnded& event, std::uint32_t writer);
  bool take_instrument_use(const std::string& role, std::uint32_t writer);

  template <class E>
  StepNumber step_of(const E& event, std::uint32_t writer);
  static AttemptState& attempt_of(StepState& step, std::int64_t retry);

  // accumulator_rows.cc
  std::vector<StepNumber> execution_order() const;
  struct Child {
    Timestamp seen_at;
    std::optional<Outcome> outcome;
  };
  using Children = std::unordered_map<std::string_view, std::vector<Child>>;  // by parent_path
  Outcomes outcomes_of(const StepState& step, const AttemptState& attempt,
                       const Children& children) const;
  std::optional<Outcome> worst_child(const StepState& step, const AttemptState& attempt,
                                     const Children& children) const;
  std::vector<MeasurementSpan> by_time(const std::vector<MeasurementSpan>& spans) const;
  StepRow step_row(const StepState& step, const std::vector<Outcomes>& outcomes) const;
  void complete_from_plan(StepColumns& columns) const;
  void add_never_ran(std::vector<StepRow>& rows) const;
  RunColumns run_columns() const;

  Uuid session_id_;
  Uuid run_id_;
  std::optional<RunStarted> start_;
  std::optional<RunEnded> end_;
  Plan plan_;
  std::deque<StepState> steps_;
  std::unordered_map<std::string, std::map<std::int64_t, StepNumber>> step_numbers_;
  std::unordered_map<std::uint32_t, std::vector<StepNumber>>
      open_steps_;  // by writer, innermost last
  std::vector<InstrumentColumns> instruments_;
  MeasurementStore measurements_;
  ValueMap custom_;
};

}  // namespace litmus
