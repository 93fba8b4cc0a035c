// SPDX-License-Identifier: Apache-2.0
#include "project/accumulator.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <variant>

#include "model/event.h"
#include "model/outcome_rollup.h"

namespace litmus {
namespace {

template <class T>
void set_if_absent(std::optional<T>& member, const std::optional<T>& value) {
  if (!member) member = value;
}

void update(ValueMap& map, const ValueMap& with) {
  for (const auto& [key, value] : with) map.set(key, value);
}

void add_role(std::vector<std::string>& roles, const std::string& role) {
  if (std::ranges::find(roles, role) == roles.end()) roles.push_back(role);
}

template <class E>
constexpr bool kOfInstruments =
    std::is_same_v<E, InstrumentConnected> || std::is_same_v<E, InstrumentRead> ||
    std::is_same_v<E, InstrumentSet> || std::is_same_v<E, InstrumentConfigure>;

// Limits without a comparator are judged by the default one; a comparator alone judges nothing.
std::optional<std::string> comparator_of(const MeasurementRecorded& event) {
  const bool limits = event.limit_low || event.limit_high || event.limit_nominal ||
                      event.limit_nominal_text || event.limit_nominal_bool;
  if (!limits) return std::nullopt;
  return std::string(to_string(event.limit_comparator.value_or(kDefaultComparator)));
}

MeasurementColumns columns_of(const MeasurementRecorded& event) {
  MeasurementColumns columns;
  columns.measurement_name = event.measurement_name;
  columns.measurement_timestamp = event.measurement_timestamp.value_or(event.occurred_at);
  columns.measurement_value = event.value;
  columns.measurement_units = event.units;
  if (event.outcome) columns.measurement_outcome = std::string(to_string(*event.outcome));
  columns.limit_low = event.limit_low;
  columns.limit_high = event.limit_high;
  columns.limit_nominal = event.limit_nominal;
  columns.limit_comparator = comparator_of(event);
  columns.characteristic_id = event.characteristic_id;
  columns.spec_ref = event.spec_ref;
  columns.dut_pin = event.dut_pin;
  columns.fixture_connection = event.fixture_connection;
  columns.instrument_name = event.instrument_name;
  columns.instrument_resource = event.instrument_resource;
  columns.instrument_channel = event.instrument_channel;
  columns.allow_repeat = event.allow_repeat;
  columns.dut_pin_name = event.dut_pin_name;
  columns.net = event.net;
  columns.instrument_terminal = event.instrument_terminal;
  columns.measurement_text = event.value_text;
  columns.measurement_bool = event.value_bool;
  columns.limit_nominal_text = event.limit_nominal_text;
  columns.limit_nominal_bool = event.limit_nominal_bool;
  return columns;
}

}  // namespace

bool RunAccumulator::reads(std::string_view event_type) {
  constexpr std::array kTypes{
      MeasurementRecorded::kTag, StepStarted::kTag,         StepEnded::kTag,  InstrumentRead::kTag,
      InstrumentSet::kTag,       InstrumentConfigure::kTag, RunStarted::kTag, RunEnded::kTag,
      StepsDiscovered::kTag,     InstrumentConnected::kTag};
  return std::ranges::find(kTypes, event_type) != kTypes.end();
}

bool RunAccumulator::apply(const Event& event, std::uint32_t writer) {
  const Envelope& envelope = envelope_of(event);
  if (envelope.session_id != session_id_) return false;
  const bool of_run = envelope.run_id == run_id_;
  // Instruments may be connected by the session, before or between its runs.
  if (!of_run && envelope.run_id) return false;
  if (!of_run && end_ && envelope.occurred_at > end_->occurred_at) return false;
  return std::visit(
      [&]<class E>(const E& known) {
        if (!of_run && !kOfInstruments<E>) return false;
        if constexpr (requires { known.instrument_role; }) {
          return take_instrument_use(known.instrument_role, writer);
        } else if constexpr (requires { take(known, writer); }) {
          return take(known, writer);
        } else {
          return false;
        }
      },
      event);
}

bool RunAccumulator::take(const RunStarted& event, std::uint32_t) {
  if (!start_) {
    start_ = event;
    ValueMap custom = event.custom_metadata;  // what measurements said meanwhile is newer
    update(custom, custom_);
    custom_ = std::move(custom);
  }
  return true;
}

bool RunAccumulator::take(const RunEnded& event, std::uint32_t) {
  // A producer that was taken for dead and ends the run itself is right.
  if (end_ && event.synthetic && !end_->synthetic) return true;
  end_ = event;
  update(custom_, event.custom_metadata);
  return true;
}

bool RunAccumulator::take(const InstrumentConnected& event, std::uint32_t) {
  auto place = std::ranges::find(instruments_, event.role, &InstrumentColumns::name);
  if (place == instruments_.end()) place = instruments_.emplace(place);
  *place = {.name = event.role,
            .id = event.instrument_id,
            .driver = event.driver,
            .resource = event.resource,
            .protocol = event.protocol,
            .manufacturer = event.manufacturer,
            .model = event.model,
            .serial = event.serial,
            .firmware = event.firmware,
            .cal_due = event.cal_due,
            .cal_last = event.cal_last,
            .cal_certificate = event.cal_certificate,
            .cal_lab = event.cal_lab,
            .mocked = event.mocked};
  return true;
}

bool RunAccumulator::take(const StepsDiscovered& event, std::uint32_t) {
  plan_.add(event);
  return true;
}

// The step that the event is about; made, with what every event of a step knows, if it is the
// first.
template <class E>
RunAccumulator::StepNumber RunAccumulator::step_of(const E& event, std::uint32_t writer) {
  const std::string& path = event.step_path.empty() ? event.step_name : event.step_path;
  auto [place, added] = step_numbers_[path].try_emplace(event.vector_index, steps_.size());
  if (!added) {
    StepState& step = steps_[place->second];
    step.several_writers |= step.writer != writer;
    step.seen_at = std::min(step.seen_at, event.occurred_at);
    return place->second;
  }
  StepState& step = steps_.emplace_back();
  step.seen_at = event.occurred_at;
  step.writer = writer;
  step.columns.step_name = event.step_name;
  step.columns.step_index = event.step_index;
  step.columns.step_path = path;
  step.columns.vector_index = event.vector_index;
  step.columns.parent_path = event.parent_path;
  if (step.columns.parent_path.value_or("").empty())
    step.columns.parent_path = parent_of_path(path);
  return place->second;
}

RunAccumulator::AttemptState& RunAccumulator::attempt_of(StepState& step, std::int64_t retry) {
  auto place = std::ranges::lower_bound(step.attempts, retry, {}, &AttemptState::retry);
  if (place == step.attempts.end() || place->retry != retry) {
    place = step.attempts.emplace(place);
    place->retry = retry;
  }
  return *place;
}

bool RunAccumulator::take(const StepStarted& event, std::uint32_t writer) {
  const StepNumber number = step_of(event, writer);
  StepState& step = steps_[number];
  set_if_absent(step.columns.step_description, event.description);
  set_if_absent(step.columns.step_node_id, event.node_id);
  set_if_absent(step.columns.step_file, event.file);
  set_if_absent(step.columns.step_module, event.module);
  set_if_absent(step.columns.step_class, event.class_name);
  set_if_absent(step.columns.step_function, event.function);
  for (const std::string& role : event.instrument_roles) add_role(step.roles, role);
  AttemptState& attempt = attempt_of(step, event.retry);
  attempt.started_at = std::min(attempt.started_at.value_or(event.occurred_at), event.occurred_at);
  update(attempt.start_inputs, event.inputs);
  if (!attempt.end) {
    auto& open = open_steps_[writer];
    std::erase(open, number);
    open.push_back(number);
  }
  return true;
}

bool RunAccumulator::take(const StepEnded& event, std::uint32_t writer) {
  const StepNumber number = step_of(event, writer);
  std::erase(open_steps_[writer], number);
  StepState& step = steps_[number];
  set_if_absent(step.columns.step_node_id, event.node_id);
  set_if_absent(step.columns.step_file, event.file);
  set_if_absent(step.columns.step_module, event.module);
  set_if_absent(step.columns.step_class, event.class_name);
  set_if_absent(step.columns.step_function, event.function);
  AttemptState& attempt = attempt_of(step, event.retry);
  if (!attempt.end) attempt.end.emplace();
  AttemptEnd& end = *attempt.end;
  // The later end counts: a teardown that failed changes the outcome. What was observed stays.
  const bool newer = end.writer == writer || event.occurred_at >= end.at;
  for (const auto& [key, value] : event.inputs) {
    if (newer || end.inputs.find(key) == nullptr) end.inputs.set(key, value);
  }
  for (const auto& [key, value] : event.outputs) {
    if (newer || end.outputs.find(key) == nullptr) end.outputs.set(key, value);
  }
  if (newer) {
    end.at = event.occurred_at;
    end.writer = writer;
    end.outcome = event.outcome;
    end.vector_outcome = event.vector_outcome;
    end.error_type = event.error_type;
    end.error_message = event.error_message;
    end.error_traceback = event.error_traceback;
  }
  return true;
}

bool RunAccumulator::take(const MeasurementRecorded& event, std::uint32_t writer) {
  StepState& step = steps_[step_of(event, writer)];
  if (event.instrument_name) add_role(step.roles, *event.instrument_name);
  AttemptState& attempt = attempt_of(step, event.retry);
  attempt.worst_measurement = escalate(attempt.worst_measurement, event.outcome);
  const MeasurementSpan place =
      measurements_.add(columns_of(event), event.retry, event.inputs, event.outputs);
  append(step.measurements, place);
  ++step.measurement_count;
  step.last_measured_retry = std::max(step.last_measured_retry, event.retry);
  // Once the run's end is known its values are final, whatever order the writers come in.
  if (!end_) update(custom_, event.custom);
  return true;
}

bool RunAccumulator::take_instrument_use(const std::string& role, std::uint32_t writer) {
  const auto open = open_steps_.find(writer);
  if (open == open_steps_.end() || open->second.empty()) return false;
  add_role(steps_[open->second.back()].roles, role);
  return true;
}

}  // namespace litmus
