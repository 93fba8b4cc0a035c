// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "litmus/ids.h"
#include "litmus/outcome.h"
#include "litmus/run_summary.h"
#include "litmus/time.h"
#include "litmus/value.h"

// Records tests: a client starts a run, a run has steps, a step has measurements, either directly
// or in vectors (one combination of parameters each).
//
//   litmus::Client client;
//   auto run = client.start_run({.dut_serial = "SN001", .station_id = "bench_1"});
//   {
//     auto step = run.step("rail_3v3");
//     step.measure("voltage", 3.31, {.units = "V", .low = 3.1, .high = 3.5});
//   }
//   run.finish();  // sealed and readable when it returns
//
// Everything may be called from any thread; the steps of one run form one stack, so threads that
// test side by side use a run each. Recording never fails a test: what cannot be stored is reported
// to ClientOptions::on_problem and counted. Wrong arguments are an Error(kInvalidArgument).
namespace litmus {

struct ClientOptions {
  // Absent: `data_dir` of the nearest litmus.yaml, $LITMUS_HOME/data, or the user's data folder.
  std::optional<std::string> data_dir = std::nullopt;
  // Absent: one line on stderr.
  std::function<void(const std::string& problem)> on_problem = nullptr;
};

struct RunOptions {
  std::string dut_serial;  // blank: no serial
  std::optional<std::string> station_id = std::nullopt;
  std::optional<std::string> dut_part_number = std::nullopt;
  std::optional<std::string> dut_revision = std::nullopt;
  std::optional<std::string> dut_lot_number = std::nullopt;
  std::optional<std::string> station_type = std::nullopt;
  std::optional<std::string> operator_id = std::nullopt;
  std::optional<std::string> test_phase = std::nullopt;
  std::optional<std::string> project_name = std::nullopt;      // absent: litmus.yaml's `name`
  std::optional<std::string> environment_json = std::nullopt;  // absent: what C++ can tell
};

// What the runs of a session have in common; a run's own options win.
struct SessionOptions {
  std::optional<std::string> station_id = std::nullopt;
  std::optional<std::string> station_type = std::nullopt;
  std::optional<std::string> operator_id = std::nullopt;
};

// A number, a boolean, a text, or nothing: no value came. Integers are numbers.
class MeasuredValue : public std::variant<std::monostate, bool, double, std::string> {
 public:
  using variant::variant;
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  MeasuredValue(Integer value) : variant(static_cast<double>(value)) {}
};

struct MeasureOptions {
  std::optional<std::string> units = std::nullopt;
  std::optional<double> low = std::nullopt;
  std::optional<double> high = std::nullopt;
  MeasuredValue nominal = std::monostate{};  // what EQ and NE compare with, of the value's own kind
  Comparator comparator = kDefaultComparator;
  std::optional<std::string> spec_ref = std::nullopt;
};

struct Measurement {
  std::string name;
  std::string step_path;
  MeasuredValue value;
  std::optional<Outcome> outcome;
  Timestamp timestamp;
};

class RunRecorder;
class SessionRecorder;
class StepRecorder;
class VectorRecorder;

// One combination of parameters within a step. Ends when it goes out of scope, `errored` if that
// happens by an exception.
class Vector {
 public:
  Vector(Vector&&) noexcept;
  Vector& operator=(Vector&&) = delete;
  ~Vector();

  Measurement measure(std::string_view name, MeasuredValue value,
                      const MeasureOptions& options = {});
  void observe(std::string_view key, Value value);  // an `out_{key}` column
  void fail(std::string_view message = {});         // at least `failed`
  void skip(std::string_view message = {});         // `skipped`, unless it is worse already
  // Keeps a copy of the file, or the bytes, with the run; returns its `file://_ref/…` reference,
  // which also stands in the column `out_{name}`.
  std::string attach(std::string_view name, const std::filesystem::path& file);
  std::string attach(std::string_view name, std::span<const std::byte> bytes);
  std::int64_t index() const;

 private:
  friend class Step;
  explicit Vector(std::shared_ptr<VectorRecorder> recorder);
  std::shared_ptr<VectorRecorder> recorder_;
  int exceptions_ = 0;
};

// A step of a run. Ends when it goes out of scope, `errored` if that happens by an exception.
class Step {
 public:
  Step(Step&&) noexcept;
  Step& operator=(Step&&) = delete;
  ~Step();

  // Without a vector(): the step's own, implicit vector.
  Measurement measure(std::string_view name, MeasuredValue value,
                      const MeasureOptions& options = {});
  void observe(std::string_view key, Value value);
  Vector vector(ValueMap parameters);  // the parameters become `in_*` columns
  void pass();  // something else than a measurement was judged and held; lowers nothing
  void fail(std::string_view message = {});
  void skip(std::string_view message = {});
  void error(std::string_view message);  // at least `errored`: the code blew up, nothing was judged
  std::string attach(std::string_view name, const std::filesystem::path& file);
  std::string attach(std::string_view name, std::span<const std::byte> bytes);

 private:
  friend class Run;
  explicit Step(std::shared_ptr<StepRecorder> recorder);
  std::shared_ptr<StepRecorder> recorder_;
  int exceptions_ = 0;
};

// A step that is to come.
struct PlannedStep {
  std::vector<std::string> names;  // of the steps around it, from the outermost, and its own
  ValueMap parameters = {};
};

// One device going through one test. A run that is neither finished nor aborted when it goes out of
// scope is aborted.
class Run {
 public:
  Run(Run&&) noexcept;
  Run& operator=(Run&&) = delete;
  ~Run();

  const Uuid& id() const;
  // A name used again is its next vector; inside an open step it is that step's child.
  Step step(std::string_view name, std::optional<std::string> description = std::nullopt);
  // What is about to be executed, in order: steps of it that never begin have a row without
  // outcome. A name that comes again is the next vector.
  void plan(const std::vector<PlannedStep>& steps);
  void set_metadata(std::string_view key, Value value);  // a `custom_{key}` column
  // As Step::attach, but of the whole run: the reference stands in `custom_{name}`.
  std::string attach(std::string_view name, const std::filesystem::path& file);
  std::string attach(std::string_view name, std::span<const std::byte> bytes);

  // Ends the run and seals its Parquet file; the run is readable when it returns. Calling it again
  // changes nothing. Open steps are ended first.
  RunSummary finish();
  RunSummary abort(std::string_view message = {});  // as finish(), with outcome `aborted`

 private:
  friend class Client;
  friend class Session;
  explicit Run(std::shared_ptr<RunRecorder> recorder);
  std::shared_ptr<RunRecorder> recorder_;
};

// For a program that stays up for days and tests now and then, such as a sequencer: its runs are
// one session. Between them it may be idle as long as it likes: it is neither ended nor aborted
// while its process lives, and costs nothing. Ends when it goes out of scope; a run that is still
// going on is aborted then.
class Session {
 public:
  Session(Session&&) noexcept;
  Session& operator=(Session&&) = delete;
  ~Session();

  const Uuid& id() const;
  Run start_run(const RunOptions& options);  // also while others of its runs are going on
  void end();                                // calling it again changes nothing

 private:
  friend class Client;
  explicit Session(std::shared_ptr<SessionRecorder> recorder);
  std::shared_ptr<SessionRecorder> recorder_;
};

class Client {
 public:
  explicit Client(ClientOptions options = {});

  // A session of its own for this one run.
  Run start_run(const RunOptions& options);
  Session open_session(const SessionOptions& options = {});

  // Newest first.
  std::vector<RunSummary> list_runs(std::int64_t limit = 50) const;
  // Full id or unique prefix; nothing for an unknown run, Error(kConflict) for an ambiguous prefix.
  std::optional<RunSummary> get_run(const std::string& id_or_prefix) const;

  const std::string& data_dir() const;

 private:
  ClientOptions options_;
  std::string data_dir_;
};

}  // namespace litmus
