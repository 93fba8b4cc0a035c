// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>
#include <type_traits>

#include "litmus/error.h"
#include "model/event_fields.h"
#include "model/outcome_rollup.h"
#include "model/value_json.h"
#include "project/accumulator.h"

namespace litmus {
namespace {

std::optional<std::string> to_text(std::optional<Outcome> outcome) {
  return outcome ? std::optional<std::string>(to_string(*outcome)) : std::nullopt;
}

template <class T>
std::optional<T> first_of(const std::optional<T>& preferred, const std::optional<T>& other) {
  return preferred ? preferred : other;
}

void read_environment(const std::optional<std::string>& json, RunColumns& run) {
  if (!json) return;
  Value environment;
  try {
    environment = parse_value(*json);
  } catch (const Error&) {
    return;  // the text itself stays in the file's metadata
  }
  const auto* map = environment.get_if<ValueMap>();
  if (map == nullptr) return;
  const auto text = [map](std::string_view key) -> std::optional<std::string> {
    const Value* value = map->find(key);
    const auto* found = value != nullptr ? value->get_if<std::string>() : nullptr;
    return found != nullptr ? std::optional(*found) : std::nullopt;
  };
  run.python_version = text("python_version");
  run.litmus_version = text("litmus_version");
  run.env_fingerprint = text("lockfile_hash");
}

}  // namespace

const AttemptRow& attempt_of(const StepRow& step, std::int64_t retry) {
  return *std::ranges::lower_bound(step.attempts, std::optional(retry), {},
                                   [](const AttemptRow& row) { return row.columns.vector_retry; });
}

RunRows RunAccumulator::rows() const& {
  if (!start_) {
    throw Error(Code::kInvalidArgument,
                "run " + run_id_.to_string() + " has no run.started event: it has no rows");
  }
  // The outcomes of each step's attempts, children before their containers.
  Children children;
  std::vector<std::vector<Outcomes>> outcomes(steps_.size());
  std::optional<Outcome> worst;
  for (StepNumber number = steps_.size(); number-- > 0;) {
    const StepState& step = steps_[number];
    std::optional<Outcome> last;
    for (const AttemptState& attempt : step.attempts) {
      outcomes[number].push_back(outcomes_of(step, attempt, children));
      last = first_of(outcomes[number].back().attempt, last);
    }
    if (!step.columns.parent_path->empty()) {
      children[*step.columns.parent_path].push_back({step.seen_at, last});
    }
    worst = escalate(worst, last);
  }

  RunRows result;
  result.run = run_columns();
  if (end_)
    result.run.run_outcome = to_text(first_of(end_->outcome, worst).value_or(Outcome::kDone));
  result.instruments = instruments_;
  result.measurements = &measurements_;
  result.custom = custom_;
  result.environment_json = start_->environment_json;
  result.profile_facets = start_->profile_facets;
  for (const StepNumber number : execution_order()) {
    result.steps.push_back(step_row(steps_[number], outcomes[number]));
  }
  add_never_ran(result.steps);
  std::int64_t row_seq = 1;  // after the run's own
  for (StepRow& step : result.steps) {
    step.row_seq = row_seq;
    row_seq += 1 + step.measurement_count;
  }
  return result;
}

RunAccumulator::Outcomes RunAccumulator::outcomes_of(const StepState& step,
                                                     const AttemptState& attempt,
                                                     const Children& children) const {
  if (attempt.end) {
    std::optional<Outcome> outcome = first_of(attempt.end->outcome, attempt.end->vector_outcome);
    outcome = first_of(outcome, attempt.worst_measurement);
    if (!outcome) outcome = worst_child(step, attempt, children);
    outcome = outcome.value_or(Outcome::kDone);
    return {outcome, first_of(attempt.end->vector_outcome, outcome)};
  }
  // Cut off: null. Measurements whose step was never announced stand for it.
  if (attempt.started_at || !end_) return {};
  return {attempt.worst_measurement, attempt.worst_measurement};
}

// Over the direct children of this iteration of a container.
std::optional<Outcome> RunAccumulator::worst_child(const StepState& step,
                                                   const AttemptState& attempt,
                                                   const Children& children) const {
  std::optional<Outcome> worst;
  const auto found = children.find(*step.columns.step_path);
  if (found == children.end()) return worst;
  for (const Child& child : found->second) {
    const bool inside = child.seen_at >= attempt.started_at.value_or(child.seen_at) &&
                        child.seen_at <= attempt.end->at;
    if (inside) worst = escalate(worst, child.outcome);
  }
  return worst;
}

std::vector<RunAccumulator::StepNumber> RunAccumulator::execution_order() const {
  std::vector<std::pair<Timestamp, StepNumber>> order;
  order.reserve(steps_.size());
  for (StepNumber number = 0; number < steps_.size(); ++number) {
    const StepState& step = steps_[number];
    std::optional<Timestamp> first_start;
    for (const AttemptState& attempt : step.attempts) {
      if (!first_start || (attempt.started_at && *attempt.started_at < *first_start)) {
        first_start = attempt.started_at;
      }
    }
    order.emplace_back(first_start.value_or(step.seen_at), number);
  }
  // A container may begin in the same microsecond as its first child, but is numbered before it.
  std::ranges::stable_sort(order, {}, &std::pair<Timestamp, StepNumber>::first);
  const auto numbers = order | std::views::values;
  return {numbers.begin(), numbers.end()};
}

StepRow RunAccumulator::step_row(const StepState& step,
                                 const std::vector<Outcomes>& outcomes) const {
  StepRow row;
  row.columns = step.columns;
  complete_from_plan(row.columns);
  row.columns.step_outcome = to_text(outcomes.back().attempt);
  row.columns.vector_outcome = to_text(outcomes.back().vector);
  row.columns.step_attempts = static_cast<std::int32_t>(step.attempts.back().retry + 1);
  for (std::size_t i = 0; i < step.attempts.size(); ++i) {
    const AttemptState& attempt = step.attempts[i];
    AttemptRow& target = row.attempts.emplace_back();
    target.start_inputs = attempt.start_inputs;
    target.columns.vector_retry = attempt.retry;
    target.columns.step_started_at = target.columns.vector_started_at = attempt.started_at;
    if (attempt.end) {
      target.columns.step_ended_at = target.columns.vector_ended_at = attempt.end->at;
    }
    target.columns.attempt_outcome = to_text(outcomes[i].attempt);
  }
  row.inputs = step.attempts.back().start_inputs;
  if (const auto& end = step.attempts.back().end) {
    for (const auto& [key, value] : end->inputs) row.inputs.set(key, value);
    row.outputs = end->outputs;
    row.columns.error_type = end->error_type;
    row.columns.error_message = end->error_message;
    row.columns.error_traceback = end->error_traceback;
  }
  for (std::uint32_t i = 0; i < instruments_.size(); ++i) {
    if (std::ranges::count(step.roles, *instruments_[i].name) > 0) row.instruments.push_back(i);
  }
  row.measurements = step.several_writers ? by_time(step.measurements) : step.measurements;
  row.measurement_count = step.measurement_count;
  row.last_measured_retry = step.last_measured_retry;
  return row;
}

std::vector<MeasurementSpan> RunAccumulator::by_time(
    const std::vector<MeasurementSpan>& spans) const {
  std::vector<std::pair<Timestamp, MeasurementSpan>> order;
  MeasurementReader reader(measurements_);
  reader.start(spans);
  while (reader.next()) order.emplace_back(reader.timestamp(), reader.span());
  std::ranges::stable_sort(order, {}, &std::pair<Timestamp, MeasurementSpan>::first);
  std::vector<MeasurementSpan> result;
  for (const auto& [at, span] : order) append(result, span);
  return result;
}

void RunAccumulator::complete_from_plan(StepColumns& columns) const {
  const PlanItem* item = plan_.find(*columns.step_path, *columns.vector_index);
  if (item != nullptr && !columns.step_node_id) columns.step_node_id = item->columns.step_node_id;
  if (item == nullptr) item = plan_.find_any_vector(*columns.step_path);
  if (item == nullptr || item->implied) {
    columns.step_vector_count =
        static_cast<std::int32_t>(step_numbers_.at(*columns.step_path).size());
    return;
  }
  columns.step_vector_count = item->columns.step_vector_count;
  columns.step_markers = item->columns.step_markers;
  columns.step_module = first_of(columns.step_module, item->columns.step_module);
  columns.step_file = first_of(columns.step_file, item->columns.step_file);
  columns.step_class = first_of(columns.step_class, item->columns.step_class);
  columns.step_function = first_of(columns.step_function, item->columns.step_function);
}

void RunAccumulator::add_never_ran(std::vector<StepRow>& rows) const {
  for (const PlanItem& item : plan_.items()) {
    const auto path = step_numbers_.find(*item.columns.step_path);
    const bool ran = path != step_numbers_.end() &&
                     (item.implied || path->second.contains(*item.columns.vector_index));
    if (ran) continue;
    StepRow& row = rows.emplace_back();
    row.columns = item.columns;
    row.inputs = item.inputs;
  }
}

RunColumns RunAccumulator::run_columns() const {
  RunColumns run;
  for_each_column(run, [this](const Column& column, auto& member) {
    for_each_field(*start_, [&](EventField field, const auto& value) {
      if constexpr (std::is_assignable_v<decltype(member), decltype(value)>) {
        if (field.name == column.name) member = value;
      }
    });
  });
  run.session_id = session_id_.to_string();
  run.run_id = run_id_.to_string();
  run.run_started_at = start_->occurred_at;
  read_environment(start_->environment_json, run);
  if (end_) {
    run.run_ended_at = end_->occurred_at;
    run.events_lost = end_->events_lost;
  }
  return run;
}

}  // namespace litmus
