// SPDX-License-Identifier: Apache-2.0
#include "litmus/client.h"

#include <cstdio>
#include <exception>
#include <utility>

#include "base/file_system.h"
#include "client/environment.h"
#include "client/run_recorder.h"
#include "config/data_dir.h"
#include "config/project_file.h"
#include "litmus/error.h"
#include "results/sealed_runs.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

// The exception that is unwinding is not known to a destructor, only that there is one.
std::optional<StepError> error_since(int exceptions_before) {
  if (std::uncaught_exceptions() <= exceptions_before) return std::nullopt;
  return StepError{Outcome::kErrored, "exception", "left by an exception", ""};
}

// With what a run has of its project and its machine when nobody says otherwise.
RunOptions completed(RunOptions options) {
  const auto project = find_project(posix_file_system(), current_folder());
  if (project && !options.project_name) options.project_name = project->name;
  if (!options.environment_json) options.environment_json = environment_snapshot();
  return options;
}

Durability project_durability() {
  const auto project = find_project(posix_file_system(), current_folder());
  return project ? project->durability : Durability::kGroup;
}

}  // namespace

Vector::Vector(std::shared_ptr<VectorRecorder> recorder)
    : recorder_(std::move(recorder)), exceptions_(std::uncaught_exceptions()) {}
Vector::Vector(Vector&&) noexcept = default;
Vector::~Vector() {
  if (recorder_ && recorder_->is_of_this_process()) recorder_->end(error_since(exceptions_));
}
Measurement Vector::measure(std::string_view name, MeasuredValue value,
                            const MeasureOptions& options) {
  return recorder_->measure(name, std::move(value), options);
}
void Vector::observe(std::string_view key, Value value) {
  recorder_->observe(key, std::move(value));
}
void Vector::fail(std::string_view message) { recorder_->fail(message); }
void Vector::skip(std::string_view message) { recorder_->skip(message); }
std::string Vector::attach(std::string_view name, const std::filesystem::path& file) {
  return recorder_->attach(name, Attachment(file));
}
std::string Vector::attach(std::string_view name, std::span<const std::byte> bytes) {
  return recorder_->attach(name, Attachment(bytes));
}
std::int64_t Vector::index() const { return recorder_->index(); }

Step::Step(std::shared_ptr<StepRecorder> recorder)
    : recorder_(std::move(recorder)), exceptions_(std::uncaught_exceptions()) {}
Step::Step(Step&&) noexcept = default;
Step::~Step() {
  if (recorder_ && recorder_->is_of_this_process()) recorder_->end(error_since(exceptions_));
}
Measurement Step::measure(std::string_view name, MeasuredValue value,
                          const MeasureOptions& options) {
  return recorder_->own_vector()->measure(name, std::move(value), options);
}
void Step::observe(std::string_view key, Value value) {
  recorder_->own_vector()->observe(key, std::move(value));
}
Vector Step::vector(ValueMap parameters) {
  return Vector(recorder_->begin_vector(std::move(parameters)));
}
void Step::pass() { recorder_->add_verdict(Outcome::kPassed, {}); }
void Step::fail(std::string_view message) { recorder_->fail(message); }
void Step::skip(std::string_view message) { recorder_->skip(message); }
void Step::error(std::string_view message) { recorder_->add_verdict(Outcome::kErrored, message); }
std::string Step::attach(std::string_view name, const std::filesystem::path& file) {
  return recorder_->own_vector()->attach(name, Attachment(file));
}
std::string Step::attach(std::string_view name, std::span<const std::byte> bytes) {
  return recorder_->own_vector()->attach(name, Attachment(bytes));
}

Run::Run(std::shared_ptr<RunRecorder> recorder) : recorder_(std::move(recorder)) {}
Run::Run(Run&&) noexcept = default;
Run::~Run() {
  if (recorder_ && recorder_->is_of_this_process()) {
    recorder_->abort("the run was neither finished nor aborted");
  }
}
const Uuid& Run::id() const { return recorder_->id(); }
Step Run::step(std::string_view name, std::optional<std::string> description) {
  return Step(recorder_->begin_step(name, std::move(description)));
}
void Run::plan(const std::vector<PlannedStep>& steps) { recorder_->plan(steps); }
void Run::set_metadata(std::string_view key, Value value) {
  recorder_->set_metadata(key, std::move(value));
}
std::string Run::attach(std::string_view name, const std::filesystem::path& file) {
  return recorder_->attach(name, Attachment(file));
}
std::string Run::attach(std::string_view name, std::span<const std::byte> bytes) {
  return recorder_->attach(name, Attachment(bytes));
}
RunSummary Run::finish() { return recorder_->finish(); }
RunSummary Run::abort(std::string_view message) { return recorder_->abort(message); }

Session::Session(std::shared_ptr<SessionRecorder> recorder) : recorder_(std::move(recorder)) {}
Session::Session(Session&&) noexcept = default;
Session::~Session() {
  if (recorder_ && recorder_->is_of_this_process()) recorder_->end();
}
const Uuid& Session::id() const { return recorder_->id(); }
Run Session::start_run(const RunOptions& options) {
  return Run(recorder_->start_run(completed(options)));
}
void Session::end() { recorder_->end(); }

Client::Client(ClientOptions options)
    : options_(std::move(options)),
      data_dir_(resolve_data_dir(posix_file_system(), options_.data_dir).path) {
  if (!options_.on_problem) {
    options_.on_problem = [](const std::string& problem) {
      std::fprintf(stderr, "litmus: %s\n", problem.c_str());
    };
  }
  // It seals what this process may leave unfinished, and shows others what happens here.
  start_daemon_in_background(data_dir_);
}

Run Client::start_run(const RunOptions& options) {
  return Run(
      RunRecorder::start(data_dir_, completed(options), options_.on_problem, project_durability()));
}

Session Client::open_session(const SessionOptions& options) {
  return Session(
      SessionRecorder::start(data_dir_, options, options_.on_problem, project_durability()));
}

std::vector<RunSummary> Client::list_runs(std::int64_t limit) const {
  return SealedRuns(data_dir_).list_runs(limit);
}

std::optional<RunSummary> Client::get_run(const std::string& id_or_prefix) const {
  try {
    return SealedRuns(data_dir_).get_run(id_or_prefix);
  } catch (const Error& error) {
    if (error.code() == Code::kNotFound) return std::nullopt;
    throw;
  }
}

const std::string& Client::data_dir() const { return data_dir_; }

}  // namespace litmus
