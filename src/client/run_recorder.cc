// SPDX-License-Identifier: Apache-2.0
#include "client/run_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/blanks.h"
#include "litmus/error.h"
#include "model/outcome_rollup.h"
#include "project/sealing.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

constexpr std::string_view kPlaceholderSerial = "DUT001";

std::optional<std::string> absent_if_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

std::string step_path(const std::string& parent, std::string name) {
  std::ranges::replace(name, '/', '_');
  return parent.empty() ? name : parent + '/' + name;
}

std::shared_ptr<RunRecorder> RunRecorder::start(const std::string& data_dir,
                                                const RunOptions& options,
                                                std::function<void(const std::string&)> on_problem,
                                                Durability durability, FileSystem* files) {
  const auto session = SessionRecorder::start(data_dir,
                                              {.station_id = options.station_id,
                                               .station_type = options.station_type,
                                               .operator_id = options.operator_id},
                                              std::move(on_problem), durability, files);
  auto run = std::make_shared<RunRecorder>(session, options, session->started_at());
  run->ends_session_ = true;
  return run;
}

RunRecorder::RunRecorder(std::shared_ptr<SessionRecorder> session, const RunOptions& options,
                         Timestamp started_at)
    : session_(std::move(session)), started_at_(started_at) {
  const SessionStarted& of_session = session_->started();
  RunStarted run;
  run.run_id = run_id_;
  run.occurred_at = started_at_;
  run.station_id = options.station_id ? options.station_id : of_session.station_id;
  run.station_type = options.station_type ? options.station_type : of_session.station_type;
  run.station_hostname = of_session.station_hostname;
  run.pid = of_session.pid;
  run.client = of_session.client;
  run.host = of_session.host;
  run.process_started_at = of_session.process_started_at;
  run.dut_serial = without_outer_blanks(options.dut_serial);
  if (run.dut_serial == kPlaceholderSerial) run.dut_serial.clear();
  run.dut_part_number = options.dut_part_number;
  run.dut_revision = options.dut_revision;
  run.dut_lot_number = options.dut_lot_number;
  run.operator_id = options.operator_id ? options.operator_id : of_session.operator_id;
  run.test_phase = options.test_phase;
  run.project_name = options.project_name;
  run.environment_json = options.environment_json;
  session_->log().emit(run);
  first_file_ = session_->log().path();

  summary_.run_id = run_id_.to_string();
  summary_.session_id = session_id().to_string();
  summary_.started_at = started_at_;
  summary_.dut_serial = absent_if_empty(run.dut_serial);
  summary_.dut_part_number = run.dut_part_number;
  summary_.dut_lot_number = run.dut_lot_number;
  summary_.station_id = run.station_id;
  summary_.station_type = run.station_type;
  summary_.station_hostname = run.station_hostname;
  summary_.test_phase = run.test_phase;
  summary_.operator_id = run.operator_id;
  summary_.project_name = run.project_name;
}

void RunRecorder::emit(Event event) {
  std::visit([this](auto& any) { any.run_id = run_id_; }, event);
  session_->log().emit(std::move(event));
}

void RunRecorder::require_open() const {
  if (!ended_) return;
  throw Error(Code::kInvalidArgument,
              fmt::format("run {} has ended: nothing can be added to it; start a new run",
                          run_id_.to_string()));
}

bool RunRecorder::is_of_this_process() const { return session_->is_of_this_process(); }

bool RunRecorder::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::shared_ptr<StepRecorder> RunRecorder::begin_step(std::string_view name,
                                                      std::optional<std::string> description) {
  if (without_outer_blanks(name).empty()) {
    throw Error(Code::kInvalidArgument, "step: expected a name, found an empty text");
  }
  const std::lock_guard lock(mutex_);
  require_open();
  const auto parent = open_steps_.empty() ? nullptr : open_steps_.back();
  auto step = std::make_shared<StepRecorder>(shared_from_this(), parent, std::string(name),
                                             std::move(description));
  open_steps_.push_back(step);
  return step;
}

void RunRecorder::plan(const std::vector<PlannedStep>& steps) {
  std::map<std::string, std::int64_t> vectors;
  std::map<std::string, std::map<std::string, std::int64_t>> children;
  StepsDiscovered event;
  for (const PlannedStep& step : steps) {
    std::string parent;
    std::string path;
    for (const std::string& name : step.names) {
      parent = std::exchange(path, step_path(path, name));
      auto& known = children[parent];
      known.try_emplace(path, static_cast<std::int64_t>(known.size()));
    }
    if (path.empty()) continue;
    event.items.push_back({{"step_name", step.names.back()},
                           {"step_path", path},
                           {"parent_path", parent},
                           {"step_index", children[parent][path]},
                           {"vector_index", vectors[path]++},
                           {"inputs", step.parameters}});
  }
  for (ValueMap& item : event.items) {
    const auto& path = std::get<std::string>(item.find("step_path")->data());
    item.set("vector_count_planned", vectors[path]);
  }
  const std::lock_guard lock(mutex_);
  require_open();
  emit(std::move(event));
}

void RunRecorder::set_metadata(std::string_view key, Value value) {
  const std::lock_guard lock(mutex_);
  require_open();
  metadata_.set(key, std::move(value));
}

std::string RunRecorder::attach(std::string_view name, const Attachment& attachment) {
  const std::lock_guard lock(mutex_);
  require_open();
  std::string reference = store_attachment(run_id_, name, attachment);
  if (!reference.empty()) metadata_.set(name, reference);
  return reference;
}

std::string RunRecorder::store_attachment(const Uuid& owner, std::string_view name,
                                          const Attachment& attachment) {
  if (without_outer_blanks(name).empty()) {
    throw Error(Code::kInvalidArgument, "attachment: expected a name, found an empty text");
  }
  const std::string folder =
      event_ref_folder(session_->log().data_dir(), session_->started_at(), session_id());
  return attachment.store(session_->files(), folder, owner.to_string().substr(0, 8), name,
                          session_->on_problem());
}

RunSummary RunRecorder::finish() { return end(std::nullopt, ""); }

RunSummary RunRecorder::abort(std::string_view message) { return end(Outcome::kAborted, message); }

RunSummary RunRecorder::end(std::optional<Outcome> least, std::string_view message) {
  while (true) {  // steps that the caller left open end first, the innermost before its parent
    std::shared_ptr<StepRecorder> open;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return summary_;
      if (open_steps_.empty()) break;
      open = open_steps_.back();
    }
    open->end();
  }
  const std::lock_guard lock(mutex_);
  if (ended_) return summary_;
  ended_ = true;
  const Outcome outcome = escalate(outcome_, least).value_or(Outcome::kDone);

  RunEnded ended;
  ended.occurred_at = now();
  ended.outcome = outcome;
  ended.custom_metadata = metadata_;
  if (!message.empty()) ended.reason = std::string(message);
  emit(ended);
  session_->add_outcome(outcome);
  if (ends_session_) session_->emit_end();

  summary_.ended_at = ended.occurred_at;
  summary_.outcome = std::string(to_string(outcome));
  summary_.total_measurements = measurements_;
  summary_.total_steps = steps_;
  const std::string path = seal_run(
      session_->files(), session_->log(), run_id_,
      {.started_at = session_->started_at(), .first_file = first_file_}, session_->on_problem());
  if (!path.empty()) summary_.file_path = path;
  if (ends_session_) session_->log().close();
  return summary_;
}

}  // namespace litmus
