// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/run_recorder.h"
#include "litmus/error.h"
#include "model/limits.h"
#include "model/outcome_rollup.h"

namespace litmus {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

Reading reading_of(const MeasuredValue& value) {
  return std::visit(
      [](const auto& any) -> Reading {
        if constexpr (std::is_same_v<std::decay_t<decltype(any)>, std::string>) {
          return std::string_view(any);
        } else {
          return any;
        }
      },
      value);
}

Limits limits_of(const MeasureOptions& options) {
  Limits limits;
  limits.low = options.low;
  limits.high = options.high;
  limits.comparator = options.comparator;
  if (const auto* number = std::get_if<double>(&options.nominal)) limits.nominal = *number;
  if (const auto* boolean = std::get_if<bool>(&options.nominal)) limits.nominal_bool = *boolean;
  if (const auto* text = std::get_if<std::string>(&options.nominal)) limits.nominal_text = *text;
  return limits;
}

}  // namespace

StepRecorder::StepRecorder(std::shared_ptr<RunRecorder> run, std::shared_ptr<StepRecorder> parent,
                           std::string name, std::optional<std::string> description)
    : run_(std::move(run)),
      parent_(std::move(parent)),
      name_(std::move(name)),
      description_(std::move(description)) {
  if (parent_) parent_path_ = parent_->path_;
  path_ = step_path(parent_path_, name_);
  const auto [known, is_new] = run_->step_index_.try_emplace(path_, 0);
  if (is_new) known->second = run_->children_[parent_path_]++;
  step_index_ = known->second;
  first_index_ = run_->next_vector_index_[path_]++;
  announce(*first_index_, {});
}

void StepRecorder::announce(std::int64_t vector_index, const ValueMap& inputs) {
  StepStarted event;
  event.step_name = name_;
  event.step_index = step_index_;
  event.step_path = path_;
  event.parent_path = parent_path_;
  event.description = description_;
  event.vector_index = vector_index;
  event.inputs = inputs;
  run_->emit(std::move(event));
}

std::shared_ptr<VectorRecorder> StepRecorder::begin_vector(ValueMap inputs) {
  const std::lock_guard lock(run_->mutex_);
  require_open();
  return begin_vector_locked(std::move(inputs));
}

std::shared_ptr<VectorRecorder> StepRecorder::begin_vector_locked(ValueMap inputs) {
  const bool is_first = first_index_.has_value();
  const std::int64_t index =
      is_first ? *std::exchange(first_index_, std::nullopt) : run_->next_vector_index_[path_]++;
  // The first index was announced when the step began; with parameters it is told again.
  if (!is_first || !inputs.empty()) announce(index, inputs);
  ++run_->steps_;
  auto vector = std::make_shared<VectorRecorder>(shared_from_this(), index, std::move(inputs));
  open_vectors_.push_back(vector);
  last_vector_ = vector;
  return vector;
}

std::shared_ptr<VectorRecorder> StepRecorder::own_vector() {
  const std::lock_guard lock(run_->mutex_);
  require_open();
  return own_vector_locked();
}

std::shared_ptr<VectorRecorder> StepRecorder::own_vector_locked() {
  if (!own_vector_) own_vector_ = begin_vector_locked({});
  return own_vector_;
}

bool StepRecorder::is_of_this_process() const { return run_->is_of_this_process(); }

bool VectorRecorder::is_of_this_process() const { return step_->is_of_this_process(); }

void StepRecorder::require_open() const {
  run_->require_open();
  if (!ended_) return;
  throw Error(Code::kInvalidArgument,
              fmt::format("step '{}' has ended: measure inside its block", path_));
}

void StepRecorder::add_verdict(Outcome outcome, std::string_view message) {
  const std::lock_guard lock(run_->mutex_);
  require_open();
  verdict_.add(outcome, message);
}

void StepRecorder::fail(std::string_view message) { add_verdict(Outcome::kFailed, message); }

void StepRecorder::skip(std::string_view message) { add_verdict(Outcome::kSkipped, message); }

std::optional<Outcome> StepRecorder::outcome() const {
  const std::lock_guard lock(run_->mutex_);
  std::optional<Outcome> worst = escalate(verdict_.outcome, vectors_outcome_);
  for (const auto& vector : open_vectors_) worst = escalate(worst, vector->verdict_.outcome);
  return worst;
}

void StepRecorder::end(const std::optional<StepError>& error) {
  const std::lock_guard lock(run_->mutex_);
  if (ended_) return;
  // Steps still open inside this one end with it.
  while (!run_->open_steps_.empty() && run_->open_steps_.back().get() != this &&
         std::ranges::find(run_->open_steps_, shared_from_this()) != run_->open_steps_.end()) {
    run_->open_steps_.back()->end_locked(std::nullopt);
  }
  end_locked(error);
}

void StepRecorder::end_locked(const std::optional<StepError>& error) {
  const bool told_by_vector = error && last_vector_ && last_vector_->verdict_.error &&
                              last_vector_->verdict_.error->message == error->message;
  if (error && told_by_vector) {
    verdict_.outcome = escalate(verdict_.outcome, error->outcome);
  } else if (error) {
    verdict_.add(*error);
  }
  for (const auto& vector : std::vector(open_vectors_)) {
    if (vector != own_vector_) vector->end_locked(std::nullopt);
  }
  // What concerns the step as a whole stands on the row of its own vector, else of the last one.
  const bool has_own_row = own_vector_ != nullptr || first_index_.has_value();
  const auto row = has_own_row ? own_vector_locked() : last_vector_;
  const bool adds = verdict_.outcome.has_value() || !verdict_.messages.empty();
  if (has_own_row || adds) {
    row->emit_end(escalate(verdict_.outcome, row->verdict_.outcome), &verdict_);
  }
  vectors_outcome_ = escalate(vectors_outcome_, row->verdict_.outcome);
  const Outcome outcome = escalate(verdict_.outcome, vectors_outcome_).value_or(Outcome::kDone);
  verdict_.outcome = outcome;
  // Vectors hold their step: an ended step lets go of them.
  open_vectors_.clear();
  own_vector_.reset();
  last_vector_.reset();
  ended_ = true;
  std::erase(run_->open_steps_, shared_from_this());
  if (parent_) {
    parent_->add_child(outcome);
  } else {
    run_->outcome_ = escalate(run_->outcome_, outcome);
  }
}

// A container is at least as bad as the worst step inside it.
void StepRecorder::add_child(Outcome outcome) {
  verdict_.outcome = escalate(verdict_.outcome, outcome);
}

VectorRecorder::VectorRecorder(std::shared_ptr<StepRecorder> step, std::int64_t index,
                               ValueMap inputs)
    : step_(std::move(step)), index_(index), inputs_(std::move(inputs)) {}

void VectorRecorder::require_open() const {
  step_->require_open();
  if (!ended_) return;
  throw Error(Code::kInvalidArgument,
              fmt::format("vector {} of step '{}' has ended: measure inside its block", index_,
                          step_->path_));
}

Measurement VectorRecorder::measure(std::string_view name, MeasuredValue value,
                                    const MeasureOptions& options) {
  if (name.empty()) {
    throw Error(Code::kInvalidArgument,
                fmt::format("measurement in step '{}': expected a name, found an empty text",
                            step_->path_));
  }
  const Limits limits = limits_of(options);
  Outcome outcome = Outcome::kDone;
  try {
    outcome = judge(reading_of(value), limits);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("measurement '{}': {}", name, error.what()));
  }
  RunRecorder& run = *step_->run_;
  const std::lock_guard lock(run.mutex_);
  require_open();
  MeasurementRecorded event;
  event.occurred_at = now();
  event.step_name = step_->name_;
  event.step_index = step_->step_index_;
  event.step_path = step_->path_;
  event.parent_path = step_->parent_path_;
  event.vector_index = index_;
  event.measurement_name = std::string(name);
  event.measurement_timestamp = event.occurred_at;
  if (const auto* number = std::get_if<double>(&value)) event.value = *number;
  if (const auto* text = std::get_if<std::string>(&value)) event.value_text = *text;
  if (const auto* boolean = std::get_if<bool>(&value)) {
    event.value_bool = *boolean;
    event.value = *boolean ? 1.0 : 0.0;
  }
  event.units = options.units;
  event.outcome = outcome;
  if (!limits.empty()) {
    event.limit_low = limits.low;
    event.limit_high = limits.high;
    event.limit_nominal = limits.nominal;
    event.limit_nominal_bool = limits.nominal_bool;
    event.limit_nominal_text = limits.nominal_text;
    event.limit_comparator = limits.comparator;
  }
  event.spec_ref = options.spec_ref;
  event.inputs = inputs_;
  event.outputs = outputs_;
  // A name may come again, as in a loop: the rows are told apart by their order.
  event.allow_repeat = !names_.emplace(name).second;
  Measurement measurement{std::string(name), step_->path_, std::move(value), outcome,
                          event.occurred_at};
  run.emit(std::move(event));
  ++run.measurements_;
  verdict_.outcome = escalate(verdict_.outcome, outcome);
  return measurement;
}

void VectorRecorder::observe(std::string_view key, Value value) {
  const std::lock_guard lock(step_->run_->mutex_);
  require_open();
  outputs_.set(key, std::move(value));
}

void VectorRecorder::fail(std::string_view message) {
  const std::lock_guard lock(step_->run_->mutex_);
  require_open();
  verdict_.add(Outcome::kFailed, message);
}

void VectorRecorder::skip(std::string_view message) {
  const std::lock_guard lock(step_->run_->mutex_);
  require_open();
  verdict_.add(Outcome::kSkipped, message);
}

std::string VectorRecorder::attach(std::string_view name, const Attachment& attachment) {
  const std::lock_guard lock(step_->run_->mutex_);
  require_open();
  if (!id_) id_ = Uuid::random();
  std::string reference = step_->run_->store_attachment(*id_, name, attachment);
  if (!reference.empty()) outputs_.set(name, reference);
  return reference;
}

std::optional<Outcome> VectorRecorder::outcome() const {
  const std::lock_guard lock(step_->run_->mutex_);
  return verdict_.outcome;
}

void VectorRecorder::end(const std::optional<StepError>& error) {
  const std::lock_guard lock(step_->run_->mutex_);
  if (!ended_) end_locked(error);
}

void VectorRecorder::end_locked(const std::optional<StepError>& error) {
  if (error) verdict_.add(*error);
  emit_end(verdict_.outcome, nullptr);
  std::erase(step_->open_vectors_, shared_from_this());
  step_->vectors_outcome_ = escalate(step_->vectors_outcome_, verdict_.outcome);
}

void VectorRecorder::emit_end(std::optional<Outcome> outcome, const StepVerdict* of_step) {
  ended_ = true;
  StepEnded event;
  event.step_name = step_->name_;
  event.step_index = step_->step_index_;
  event.step_path = step_->path_;
  event.parent_path = step_->parent_path_;
  event.vector_index = index_;
  event.outcome = outcome.value_or(Outcome::kDone);
  event.vector_outcome = verdict_.outcome.value_or(*event.outcome);
  event.inputs = inputs_;
  event.outputs = outputs_;
  std::vector<std::string> messages = verdict_.messages;
  std::optional<StepError> error = verdict_.error;
  if (of_step != nullptr) {
    messages.insert(messages.end(), of_step->messages.begin(), of_step->messages.end());
    if (of_step->error) error = of_step->error;
  }
  if (!messages.empty()) event.error_message = joined(messages);
  if (error) {
    event.error_type = error->type;
    event.error_traceback = error->traceback;
  }
  step_->run_->emit(std::move(event));
}

void StepVerdict::add(Outcome worse, std::string_view message) {
  outcome = escalate(outcome, worse);
  if (!message.empty()) messages.emplace_back(message);
}

void StepVerdict::add(const StepError& raised) {
  add(raised.outcome, raised.message.empty() ? raised.type : raised.message);
  error = raised;
}

}  // namespace litmus
