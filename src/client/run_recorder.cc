// SPDX-License-Identifier: Apache-2.0
#include "client/run_recorder.h"

#include <fmt/format.h>

#include <utility>

#include "base/blanks.h"
#include "base/file_system.h"
#include "base/process.h"
#include "litmus/error.h"
#include "model/outcome_rollup.h"
#include "project/materializer.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

constexpr std::string_view kPlaceholderSerial = "DUT001";

EventLogOptions log_options(Durability durability, std::function<void(const std::string&)> problem,
                            FileSystem* files) {
  EventLogOptions options;
  options.durability = durability;
  options.on_problem = std::move(problem);
  options.files = files;
  return options;
}

std::optional<std::string> absent_if_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

std::shared_ptr<RunRecorder> RunRecorder::start(const std::string& data_dir,
                                                const RunOptions& options,
                                                std::function<void(const std::string&)> on_problem,
                                                Durability durability, FileSystem* files) {
  return std::make_shared<RunRecorder>(data_dir, options, std::move(on_problem), durability, files);
}

RunRecorder::RunRecorder(const std::string& data_dir, const RunOptions& options,
                         std::function<void(const std::string&)> on_problem, Durability durability,
                         FileSystem* files)
    : files_(files != nullptr ? *files : posix_file_system()),
      on_problem_(std::move(on_problem)),
      log_(data_dir, Uuid::random(), log_options(durability, on_problem_, files)),
      started_at_(now()) {
  const ProcessIdentity process = this_process();
  SessionStarted session;
  session.occurred_at = started_at_;
  session.station_id = options.station_id;
  session.station_type = options.station_type;
  session.station_hostname = process.host;
  session.pid = process.pid;
  session.client = program_name();
  session.operator_id = options.operator_id;
  session.host = process.host;
  session.process_started_at = process.started_at;
  log_.emit(session);

  RunStarted run;
  run.run_id = run_id_;
  run.occurred_at = started_at_;
  run.station_id = session.station_id;
  run.station_type = session.station_type;
  run.station_hostname = session.station_hostname;
  run.pid = session.pid;
  run.client = session.client;
  run.host = session.host;
  run.process_started_at = session.process_started_at;
  run.dut_serial = without_outer_blanks(options.dut_serial);
  if (run.dut_serial == kPlaceholderSerial) run.dut_serial.clear();
  run.dut_part_number = options.dut_part_number;
  run.dut_revision = options.dut_revision;
  run.dut_lot_number = options.dut_lot_number;
  run.operator_id = options.operator_id;
  run.test_phase = options.test_phase;
  run.project_name = options.project_name;
  run.environment_json = options.environment_json;
  log_.emit(run);

  summary_.run_id = run_id_.to_string();
  summary_.session_id = log_.session_id().to_string();
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
  log_.emit(std::move(event));
}

void RunRecorder::require_open() const {
  if (!ended_) return;
  throw Error(Code::kInvalidArgument,
              fmt::format("run {} has ended: nothing can be added to it; start a new run",
                          run_id_.to_string()));
}

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
  const std::string folder = event_ref_folder(log_.data_dir(), started_at_, log_.session_id());
  return attachment.store(files_, folder, owner.to_string().substr(0, 8), name, on_problem_);
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
  SessionEnded session;
  session.outcome = outcome;
  log_.emit(session);

  summary_.ended_at = ended.occurred_at;
  summary_.outcome = std::string(to_string(outcome));
  summary_.total_measurements = measurements_;
  summary_.total_steps = steps_;
  seal();
  log_.close();
  return summary_;
}

// The file is made from what was stored, not from what is in memory, so that it is exactly what
// `litmus data rebuild` makes later.
void RunRecorder::seal() {
  std::string reason = "its start or its end could not be written";
  try {
    const MaterializeResult sealed =
        materialize_run(files_, log_.data_dir(), log_.session_id(), run_id_, started_at_);
    for (const std::string& problem : sealed.problems) report(problem);
    if (!sealed.path.empty()) {
      summary_.file_path = sealed.path;
      RunMaterialized materialized;
      materialized.materializer = "parquet";
      materialized.destination = sealed.path;
      materialized.row_counts =
          ValueMap{{"run", 1}, {"step", sealed.steps}, {"measurement", sealed.measurements}};
      emit(materialized);
      return;
    }
  } catch (const Error& error) {
    reason = error.what();
  }
  report(
      fmt::format("run {0} could not be sealed: {1}. What was recorded is kept; "
                  "`litmus data rebuild {0}` seals it later",
                  summary_.run_id, reason));
}

void RunRecorder::report(const std::string& problem) const {
  if (on_problem_) on_problem_(problem);
}

}  // namespace litmus
