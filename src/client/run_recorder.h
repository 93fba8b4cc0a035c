// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "client/attachment.h"
#include "client/session_recorder.h"
#include "litmus/client.h"
#include "litmus/event_log.h"
#include "litmus/events.h"

namespace litmus {

class FileSystem;

// Why a step or vector was left by an exception.
struct StepError {
  Outcome outcome = Outcome::kErrored;  // kFailed for a failed assertion
  std::string type;
  std::string message;
  std::string traceback;
};

// Where a step stands. A `/` in its name is none between steps.
std::string step_path(const std::string& parent, std::string name);

// What is behind Run, Step and Vector, and behind the Python builders: turns calls into events of
// one session. All of a run share the run's mutex; nothing is kept of a measurement once its event
// is written. Handles keep the run alive.
//
// A step row is keyed by (step_path, vector_index). A step opens its first index at once, so that a
// crash shows it; the first vector, explicit or implicit, takes that index, later ones count up.

// What fail(), skip() and exceptions add up to; measurements of a vector count as well.
struct StepVerdict {
  std::optional<Outcome> outcome;
  std::vector<std::string> messages;
  std::optional<StepError> error;

  void add(Outcome worse, std::string_view message);
  void add(const StepError& raised);
};

class VectorRecorder : public std::enable_shared_from_this<VectorRecorder> {
 public:
  VectorRecorder(std::shared_ptr<StepRecorder> step, std::int64_t index, ValueMap inputs);

  Measurement measure(std::string_view name, MeasuredValue value, const MeasureOptions& options);
  void observe(std::string_view key, Value value);
  void fail(std::string_view message);
  void skip(std::string_view message);
  std::string attach(std::string_view name, const Attachment& attachment);
  // Left by an exception if `error` is given. Calling it again changes nothing.
  void end(const std::optional<StepError>& error = std::nullopt);

  bool is_of_this_process() const;
  std::int64_t index() const { return index_; }
  std::optional<Outcome> outcome() const;

 private:
  friend class StepRecorder;

  void require_open() const;
  void end_locked(const std::optional<StepError>& error);
  void emit_end(std::optional<Outcome> outcome, const StepVerdict* of_step);

  std::shared_ptr<StepRecorder> step_;
  const std::int64_t index_;
  const ValueMap inputs_;
  ValueMap outputs_;
  StepVerdict verdict_;
  std::unordered_set<std::string> names_;  // measured so far, to mark repeats
  std::optional<Uuid> id_;                 // made when an attachment needs it
  bool ended_ = false;
};

class StepRecorder : public std::enable_shared_from_this<StepRecorder> {
 public:
  StepRecorder(std::shared_ptr<RunRecorder> run, std::shared_ptr<StepRecorder> parent,
               std::string name, std::optional<std::string> description);

  std::shared_ptr<VectorRecorder> begin_vector(ValueMap inputs);
  // The implicit vector, for what is measured on the step itself.
  std::shared_ptr<VectorRecorder> own_vector();
  // At least as bad as `outcome`; the message is kept.
  void add_verdict(Outcome outcome, std::string_view message);
  void fail(std::string_view message);
  void skip(std::string_view message);
  void end(const std::optional<StepError>& error = std::nullopt);

  bool is_of_this_process() const;
  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }
  const std::string& parent_path() const { return parent_path_; }
  std::optional<Outcome> outcome() const;

 private:
  friend class VectorRecorder;

  void require_open() const;
  void announce(std::int64_t vector_index, const ValueMap& inputs);
  std::shared_ptr<VectorRecorder> begin_vector_locked(ValueMap inputs);
  std::shared_ptr<VectorRecorder> own_vector_locked();
  void end_locked(const std::optional<StepError>& error);
  void add_child(Outcome outcome);

  std::shared_ptr<RunRecorder> run_;
  std::shared_ptr<StepRecorder> parent_;
  std::string name_;
  std::string path_;
  std::string parent_path_;
  std::optional<std::string> description_;
  std::int64_t step_index_ = 0;
  std::optional<std::int64_t> first_index_;  // not yet taken by a vector
  std::shared_ptr<VectorRecorder> own_vector_;
  std::shared_ptr<VectorRecorder> last_vector_;
  std::vector<std::shared_ptr<VectorRecorder>> open_vectors_;
  StepVerdict
      verdict_;  // of the step as a whole and the steps inside it; once ended, of everything
  std::optional<Outcome> vectors_outcome_;
  bool ended_ = false;
};

class RunRecorder : public std::enable_shared_from_this<RunRecorder> {
 public:
  // A run that is a session by itself.
  static std::shared_ptr<RunRecorder> start(const std::string& data_dir, const RunOptions& options,
                                            std::function<void(const std::string&)> on_problem,
                                            Durability durability = Durability::kGroup,
                                            FileSystem* files = nullptr);
  // A run of a session that goes on after it; SessionRecorder::start_run makes it.
  RunRecorder(std::shared_ptr<SessionRecorder> session, const RunOptions& options,
              Timestamp started_at);

  // A child of the innermost open step, if there is one.
  std::shared_ptr<StepRecorder> begin_step(std::string_view name,
                                           std::optional<std::string> description = std::nullopt);
  void plan(const std::vector<PlannedStep>& steps);
  void set_metadata(std::string_view key, Value value);
  std::string attach(std::string_view name, const Attachment& attachment);

  RunSummary finish();
  RunSummary abort(std::string_view message);
  // What both do: ends the run with an outcome at least as bad as `least`, and says why.
  RunSummary end(std::optional<Outcome> least, std::string_view message);

  // False in the child of a fork: what ends there is its copy, the run is its parent's.
  bool is_of_this_process() const;
  const Uuid& id() const { return run_id_; }
  const Uuid& session_id() const { return session_->id(); }
  Timestamp started_at() const { return started_at_; }
  bool ended() const;

 private:
  friend class StepRecorder;
  friend class VectorRecorder;

  void emit(Event event);
  void require_open() const;
  std::string store_attachment(const Uuid& owner, std::string_view name,
                               const Attachment& attachment);

  const std::shared_ptr<SessionRecorder> session_;
  const Uuid run_id_ = Uuid::random();
  const Timestamp started_at_;
  bool ends_session_ = false;
  std::string first_file_;  // the event file with run.started

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<StepRecorder>> open_steps_;
  std::map<std::string, std::int64_t> next_vector_index_;  // by step path
  std::map<std::string, std::int64_t> step_index_;         // by step path
  std::map<std::string, std::int64_t> children_;           // steps so far, by parent path
  ValueMap metadata_;
  std::optional<Outcome> outcome_;
  std::int64_t measurements_ = 0;
  std::int64_t steps_ = 0;
  RunSummary summary_;
  bool ended_ = false;
};

}  // namespace litmus
