// SPDX-License-Identifier: Apache-2.0
#include "daemon/live_rows.h"

#include <arrow/table.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "project/accumulator.h"
#include "project/run_batches.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

// Everything that the rows of a step show, but for its measurements, as a text without ambiguity.
class StepText {
 public:
  std::uint64_t signature(const StepRow& step, bool is_leaf) {
    text_.clear();
    JsonWriter json(text_);
    json.begin_array();
    json.value(is_leaf);
    json.value(step.last_measured_retry);
    add(json, step.columns);
    json.value(step.inputs);
    json.value(step.outputs);
    for (const AttemptRow& attempt : step.attempts) {
      add(json, attempt.columns);
      json.value(attempt.start_inputs);
    }
    json.end_array();
    return std::hash<std::string>()(text_);
  }

 private:
  template <class Columns>
  static void add(JsonWriter& json, const Columns& columns) {
    for_each_column(columns, [&]<class T>(const Column&, const std::optional<T>& cell) {
      if (!cell) return json.null();
      if constexpr (std::is_same_v<T, std::int32_t>) {
        json.value(std::int64_t{*cell});
      } else {
        json.value(*cell);
      }
    });
  }

  std::string text_;
};

// Those of the measurements from `begin` on; all of them come after the others if they are in the
// order in which they were added.
std::vector<MeasurementSpan> from(const std::vector<MeasurementSpan>& spans,
                                  RecordLog::Position begin) {
  std::vector<MeasurementSpan> result;
  for (MeasurementSpan span : spans) {
    if (span.end <= begin) continue;
    span.begin = std::max(span.begin, begin);
    result.push_back(span);
  }
  return result;
}

void add_range(std::vector<LiveRunPart::Range>& ranges, LiveRunPart::Range next) {
  if (!ranges.empty() && ranges.back().last + 1 == next.first) {
    ranges.back().last = next.last;
  } else {
    ranges.push_back(next);
  }
}

}  // namespace

LiveRows PutRows::take(const RunAccumulator& run) {
  RunRows rows = run.rows();
  const DynamicColumns dynamic(rows);
  std::set<std::string> parents;
  for (const StepRow& step : rows.steps) parents.insert(step.columns.parent_path.value_or(""));
  LiveRunPart part;
  std::vector<Step> steps;
  StepText text;
  for (const StepRow& step : rows.steps) {
    const bool is_leaf = !parents.contains(step.columns.step_path.value_or(""));
    steps.push_back({step.row_seq, step.measurement_count, text.signature(step, is_leaf)});
    part.steps.push_back({0, step.last_measured_retry, is_leaf});
    part.num_measurements += step.measurement_count;
  }
  part.num_steps = static_cast<std::int64_t>(steps.size());
  part.puts_before = puts_;

  LiveRows result;
  // Another type of a column may give the values of earlier rows another form.
  const bool everything = puts_ == 0 || dynamic.columns() != columns_;
  if (!everything) leave_out_known(rows, steps, part);
  RunBatches batches(rows, dynamic);
  result.rows =
      value_or_throw(arrow::Table::FromRecordBatchReader(&batches), "make the rows of a run");
  if (!everything) result.part = std::move(part);
  puts_ = everything ? 1 : puts_ + 1;
  columns_ = dynamic.columns();
  steps_ = std::move(steps);
  end_ = rows.measurements->end();
  return result;
}

void PutRows::leave_out_known(RunRows& rows, const std::vector<Step>& steps,
                              LiveRunPart& part) const {
  std::vector<StepRow> changed;
  std::vector<LiveRunPart::Step> changed_steps;
  auto known = steps_.begin();
  const auto remove_before = [&](std::int64_t row_seq) {
    for (; known != steps_.end() && known->row_seq < row_seq; ++known) {
      add_range(part.removed, {known->row_seq, known->row_seq + known->measurements});
    }
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    StepRow& row = rows.steps[i];
    remove_before(step.row_seq);
    if (known != steps_.end() && known->row_seq == step.row_seq &&
        known->signature == step.signature &&
        std::ranges::is_sorted(row.measurements, {}, &MeasurementSpan::begin)) {
      const std::int64_t stay = known++->measurements;
      if (stay == step.measurements) continue;
      add_range(part.removed, {step.row_seq, step.row_seq});  // it shows how many there are
      part.steps[i].measurements = row.left_out = stay;
      row.measurements = from(row.measurements, end_);
    }
    changed.push_back(std::move(row));
    changed_steps.push_back(part.steps[i]);
  }
  remove_before(std::numeric_limits<std::int64_t>::max());
  rows.steps = std::move(changed);
  part.steps = std::move(changed_steps);
}

}  // namespace litmus
