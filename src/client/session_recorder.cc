// SPDX-License-Identifier: Apache-2.0
#include "client/session_recorder.h"

#include <fmt/format.h>

#include <utility>

#include "base/file_system.h"
#include "base/process.h"
#include "client/run_recorder.h"
#include "litmus/error.h"
#include "model/outcome_rollup.h"

namespace litmus {
namespace {

EventLogOptions log_options(Durability durability, std::function<void(const std::string&)> problem,
                            FileSystem* files) {
  EventLogOptions options;
  options.durability = durability;
  options.on_problem = std::move(problem);
  options.files = files;
  return options;
}

}  // namespace

std::shared_ptr<SessionRecorder> SessionRecorder::start(
    const std::string& data_dir, const SessionOptions& options,
    std::function<void(const std::string&)> on_problem, Durability durability, FileSystem* files) {
  return std::make_shared<SessionRecorder>(data_dir, options, std::move(on_problem), durability,
                                           files);
}

SessionRecorder::SessionRecorder(const std::string& data_dir, const SessionOptions& options,
                                 std::function<void(const std::string&)> on_problem,
                                 Durability durability, FileSystem* files)
    : files_(files != nullptr ? *files : posix_file_system()),
      on_problem_(std::move(on_problem)),
      log_(data_dir, Uuid::random(), log_options(durability, on_problem_, files)),
      pid_(this_pid()) {
  const ProcessIdentity process = this_process();
  started_.occurred_at = now();
  started_.station_id = options.station_id;
  started_.station_type = options.station_type;
  started_.station_hostname = process.host;
  started_.pid = process.pid;
  started_.client = program_name();
  started_.operator_id = options.operator_id;
  started_.host = process.host;
  started_.process_started_at = process.started_at;
  log_.emit(started_);
}

SessionRecorder::~SessionRecorder() {
  if (is_of_this_process()) end();
}

std::shared_ptr<RunRecorder> SessionRecorder::start_run(const RunOptions& options) {
  const std::lock_guard lock(mutex_);
  if (ended_) {
    throw Error(
        Code::kInvalidArgument,
        fmt::format("session {} has ended: open a new one for further runs", id().to_string()));
  }
  auto run = std::make_shared<RunRecorder>(shared_from_this(), options, now());
  std::erase_if(runs_, [](const std::weak_ptr<RunRecorder>& known) {
    const auto alive = known.lock();
    return !alive || alive->ended();
  });
  runs_.push_back(run);
  return run;
}

void SessionRecorder::end(std::optional<Outcome> least) {
  std::vector<std::weak_ptr<RunRecorder>> runs;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    runs = std::exchange(runs_, {});
    outcome_ = escalate(outcome_, least);
  }
  for (const auto& run : runs) {
    if (const auto alive = run.lock()) alive->abort("its session ended before it");
  }
  emit_end();
  log_.close();
}

void SessionRecorder::add_outcome(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  outcome_ = escalate(outcome_, outcome);
}

void SessionRecorder::emit_end() {
  SessionEnded event;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    event.outcome = outcome_.value_or(Outcome::kDone);
  }
  log_.emit(event);
}

bool SessionRecorder::is_of_this_process() const { return this_pid() == pid_; }

}  // namespace litmus
