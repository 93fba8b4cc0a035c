// SPDX-License-Identifier: Apache-2.0
#include "project/check_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_set>
#include <utility>

#include "litmus/outcome.h"
#include "model/outcome_rollup.h"

namespace litmus {
namespace {

consteval const Column& column_named(std::string_view name) {
  return *std::ranges::find(kColumns, name, &Column::name);
}
constexpr const Column& kNameColumn = column_named("measurement_name");
constexpr const Column& kRepeatColumn = column_named("allow_repeat");

class Check {
 public:
  explicit Check(const RunRows& rows) : rows_(rows), reader_(*rows.measurements) {}

  std::vector<std::string> problems() {
    check_times("the run", rows_.run.run_started_at, rows_.run.run_ended_at);
    check_outcome("run_outcome", rows_.run.run_outcome);
    for (const StepRow& step : rows_.steps) check_step(step);
    check_roll_up();
    return std::move(problems_);
  }

 private:
  template <class... Parts>
  void report(fmt::format_string<Parts...> format, Parts&&... parts) {
    problems_.push_back(fmt::format(format, std::forward<Parts>(parts)...));
  }

  void check_times(const std::string& what, std::optional<Timestamp> start,
                   std::optional<Timestamp> end) {
    if (start && end && *end < *start) {
      report("{} ended {}, before it started {}", what, to_iso8601(*end), to_iso8601(*start));
    }
  }

  void check_outcome(std::string_view column, const std::optional<std::string>& name) {
    if (name && !find_outcome(*name)) report("{} is \"{}\", which is no outcome", column, *name);
  }

  void check_step(const StepRow& step) {
    const StepColumns& columns = step.columns;
    const std::string what = fmt::format("step {}[{}]", columns.step_path.value_or("(no path)"),
                                         columns.vector_index.value_or(-1));
    if (!step_keys_.emplace(columns.step_path, columns.vector_index).second) {
      report("{} has two rows", what);
    }
    check_outcome("step_outcome", columns.step_outcome);
    check_outcome("vector_outcome", columns.vector_outcome);
    for (const AttemptRow& attempt : step.attempts) {
      check_times(what, attempt.columns.step_started_at, attempt.columns.step_ended_at);
      check_outcome("attempt_outcome", attempt.columns.attempt_outcome);
    }
    // The outcome that counts: of the last attempt that has one.
    std::optional<Outcome> last;
    for (const AttemptRow& attempt : step.attempts) {
      const auto& name = attempt.columns.attempt_outcome;
      if (name && find_outcome(*name)) last = find_outcome(*name);
    }
    worst_ = escalate(worst_, last);
    check_measurements(step, what);
  }

  void check_measurements(const StepRow& step, const std::string& what) {
    names_.clear();
    reader_.start(step.measurements);
    while (reader_.next()) {
      std::string_view name;
      bool may_repeat = false;
      reader_.visit_columns([&]<class T>(const Column& column, const std::optional<T>& cell) {
        if constexpr (std::is_same_v<T, std::string_view>) {
          if (&column == &kNameColumn) name = cell.value_or("");
        } else if constexpr (std::is_same_v<T, bool>) {
          if (&column == &kRepeatColumn) may_repeat = cell.value_or(false);
        }
      });
      // A hash of 64 bits stands for the name: there may be a million of them.
      const auto retry = static_cast<std::uint64_t>(reader_.retry());
      const std::uint64_t key = std::hash<std::string_view>()(name) ^ retry * 0x9E3779B97F4A7C15U;
      if (!names_.insert(key).second && !may_repeat) {
        report("{}: measurement {} occurs twice in attempt {}", what, name, reader_.retry());
      }
    }
  }

  // A run may end worse than its steps, by an interrupt or by a failure outside of any step.
  void check_roll_up() {
    const auto run = rows_.run.run_outcome ? find_outcome(*rows_.run.run_outcome) : std::nullopt;
    if (!run || !worst_ || *run == *worst_) return;
    if (*run >= Outcome::kErrored && *run > *worst_) return;
    report("the run ended {}, but its steps make it {}", to_string(*run), to_string(*worst_));
  }

  const RunRows& rows_;
  MeasurementReader reader_;
  std::unordered_set<std::uint64_t> names_;  // of the step's measurements, by attempt
  std::vector<std::string> problems_;
  std::set<std::pair<std::optional<std::string>, std::optional<std::int64_t>>> step_keys_;
  std::optional<Outcome> worst_;
};

}  // namespace

std::vector<std::string> check_rows(const RunRows& rows) { return Check(rows).problems(); }

}  // namespace litmus
