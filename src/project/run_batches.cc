// SPDX-License-Identifier: Apache-2.0
#include "project/run_batches.h"

#include <arrow/type.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "litmus/version.h"
#include "project/column_builders.h"

namespace litmus {
namespace {

// Holds as JSON what has no column of its own.
const DynamicColumn& extra_column() {
  static const DynamicColumn kColumn = [] {
    DynamicColumn column;
    column.name = "extra_json";
    return column;
  }();
  return kColumn;
}

// Made once for all runs: whoever compares schemas sees by the address that they are the same.
arrow::FieldVector fields_of(std::span<const Column> columns) {
  arrow::FieldVector fields;
  for (const Column& column : columns) {
    fields.push_back(arrow::field(std::string(column.name), arrow_type(column.type)));
  }
  return fields;
}

std::string to_json(const ValueMap& map) {
  std::string text;
  JsonWriter(text).value(map);
  return text;
}

}  // namespace

// One batch while it is filled, row after row.
class RunBatches::Batch {
 public:
  Batch(const RunRows& rows, const DynamicColumns& dynamic, std::int64_t expected_rows)
      : rows_(rows), dynamic_(dynamic), instruments_(rows.instruments), extra_(extra_column()) {
    for (const Column& column : kColumns) fixed_.emplace_back(column.type, expected_rows);
    const std::size_t count = std::min(dynamic.columns().size(), DynamicColumns::kMost);
    for (std::size_t i = 0; i < count; ++i) dynamic_columns_.emplace_back(dynamic.columns()[i]);
  }

  std::int64_t size() const { return size_; }
  void add_run_row();
  void add_step_row(const StepRow& step);
  // The next `count` of the reader, which are those from number `first` of the step on.
  void add_measurement_rows(const StepRow& step, MeasurementReader& measurements,
                            std::int64_t first, std::int64_t count);
  std::shared_ptr<arrow::RecordBatch> finish(const std::shared_ptr<arrow::Schema>& schema,
                                             const std::vector<std::size_t>& sources);

 private:
  void append_nulls(ColumnOwner owner, std::int64_t rows);
  void set_values(DynamicOrigin origin, const ValueMap& values);
  void set_value(DynamicOrigin origin, const std::string& key, const Value& value);
  void end_row(std::int64_t row_seq);
  void append_run_columns();

  const RunRows& rows_;
  const DynamicColumns& dynamic_;
  std::int64_t size_ = 0;
  bool has_run_row_ = false;
  std::vector<FixedColumnBuilder> fixed_;
  InstrumentListsBuilder instruments_;
  std::vector<DynamicColumnBuilder> dynamic_columns_;
  DynamicColumnBuilder extra_;
  std::vector<std::pair<std::string_view, const Value*>> extra_values_;  // of the present row
};

void RunBatches::Batch::add_run_row() {
  has_run_row_ = true;
  fixed_[0].append(std::optional<std::string_view>("run"));
  for (const auto owner : {ColumnOwner::kStep, ColumnOwner::kAttempt, ColumnOwner::kMeasurement}) {
    append_nulls(owner, 1);
  }
  std::vector<std::uint32_t> all(rows_.instruments.size());
  std::iota(all.begin(), all.end(), 0U);
  instruments_.append(all, 1);
  end_row(0);
}

void RunBatches::Batch::add_step_row(const StepRow& step) {
  static const AttemptColumns kNeverRan;
  const auto append = [this](const Column& column, const auto& cell) {
    if (column.on_step_rows) {
      fixed_[column.index].append(cell);
    } else {
      fixed_[column.index].append_nulls(1);
    }
  };
  fixed_[0].append(std::optional<std::string_view>("step"));
  for_each_column(step.columns, append);
  for_each_column(step.attempts.empty() ? kNeverRan : step.attempts.back().columns, append);
  append_nulls(ColumnOwner::kMeasurement, 1);
  instruments_.append(step.instruments, 1);
  set_values(DynamicOrigin::kInput, step.inputs);
  set_values(DynamicOrigin::kOutput, step.outputs);
  end_row(step.row_seq);
}

void RunBatches::Batch::add_measurement_rows(const StepRow& step, MeasurementReader& measurements,
                                             std::int64_t first, std::int64_t count) {
  const auto append = [&](const Column& column, const auto& cell, std::int64_t rows) {
    if (column.on_measurement_rows) {
      fixed_[column.index].append(cell, rows);
    } else {
      fixed_[column.index].append_nulls(rows);
    }
  };
  fixed_[0].append(std::optional<std::string_view>("measurement"), count);
  for_each_column(step.columns,
                  [&](const Column& column, const auto& cell) { append(column, cell, count); });
  instruments_.append(step.instruments, count);
  const AttemptRow* attempt = nullptr;
  for (std::int64_t i = 0; i < count && measurements.next(); ++i) {
    if (attempt == nullptr || attempt->columns.vector_retry != measurements.retry()) {
      attempt = &attempt_of(step, measurements.retry());
    }
    for_each_column(attempt->columns,
                    [&](const Column& column, const auto& cell) { append(column, cell, 1); });
    measurements.visit_columns(
        [this](const Column& column, const auto& cell) { fixed_[column.index].append(cell); });
    const ValueMap& inputs = measurements.inputs();
    set_values(DynamicOrigin::kInput, inputs);
    for (const auto& [key, value] : attempt->start_inputs) {
      if (inputs.find(key) == nullptr) set_value(DynamicOrigin::kInput, key, value);
    }
    set_values(DynamicOrigin::kOutput, measurements.outputs());
    end_row(step.row_seq + 1 + first + i);
  }
}

void RunBatches::Batch::append_nulls(ColumnOwner owner, std::int64_t rows) {
  for (const Column& column : kColumns) {
    if (column.owner == owner) fixed_[column.index].append_nulls(rows);
  }
}

void RunBatches::Batch::set_values(DynamicOrigin origin, const ValueMap& values) {
  for (const auto& [key, value] : values) set_value(origin, key, value);
}

void RunBatches::Batch::set_value(DynamicOrigin origin, const std::string& key,
                                  const Value& value) {
  const auto position = dynamic_.position(origin, key);
  if (!position || value.is_null()) return;
  if (*position < DynamicColumns::kMost) {
    dynamic_columns_[*position].set(size_, value);
  } else {
    extra_values_.emplace_back(dynamic_.columns()[*position].name, &value);
  }
}

void RunBatches::Batch::end_row(std::int64_t row_seq) {
  fixed_[kFixedColumnCount].append(std::optional(row_seq));
  set_values(DynamicOrigin::kCustom, rows_.custom);
  if (!extra_values_.empty()) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    for (const auto& [name, value] : extra_values_) {
      json.key(name);
      json.value(*value);
    }
    json.end_object();
    extra_.set(size_, text);
    extra_values_.clear();
  }
  ++size_;
}

void RunBatches::Batch::append_run_columns() {
  const std::int64_t run_rows = has_run_row_ ? 1 : 0;  // it is the first
  for_each_column(rows_.run, [&](const Column& column, const auto& cell) {
    const std::int64_t filled = column.on_step_rows ? size_ : run_rows;
    fixed_[column.index].append(cell, filled);
    fixed_[column.index].append_nulls(size_ - filled);
  });
}

std::shared_ptr<arrow::RecordBatch> RunBatches::Batch::finish(
    const std::shared_ptr<arrow::Schema>& schema, const std::vector<std::size_t>& sources) {
  append_run_columns();
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  arrays.reserve(fixed_.size() + sources.size());
  for (FixedColumnBuilder& column : fixed_) arrays.push_back(column.finish());
  std::vector<std::shared_ptr<arrow::Array>> others;
  others.reserve(sources.size());
  for (DynamicColumnBuilder& column : dynamic_columns_) others.push_back(column.finish(size_));
  if (dynamic_.has_extra()) others.push_back(extra_.finish(size_));
  std::ranges::move(instruments_.finish(), std::back_inserter(others));
  for (const std::size_t source : sources) arrays.push_back(others[source]);
  return arrow::RecordBatch::Make(schema, size_, std::move(arrays));
}

RunBatches::RunBatches(const RunRows& rows, DynamicColumns dynamic, std::int64_t rows_per_batch)
    : rows_(rows),
      rows_per_batch_(rows_per_batch),
      dynamic_(std::move(dynamic)),
      measurements_(*rows.measurements) {
  static_assert(kColumns[0].name == "record_type" && kColumns[kFixedColumnCount].name == "row_seq");
  static const arrow::FieldVector kFixedFields = fields_of(kColumns);
  static const arrow::FieldVector kInstrumentFields = fields_of(kInstrumentColumns);
  arrow::FieldVector fields = kFixedFields;
  arrow::FieldVector others;
  for (const DynamicColumn& column : dynamic_.columns()) {
    if (others.size() == DynamicColumns::kMost) break;
    others.push_back(arrow::field(column.name, arrow_type(column.type)));
  }
  if (dynamic_.has_extra()) {
    others.push_back(arrow::field(extra_column().name, arrow_type(extra_column().type)));
  }
  std::ranges::copy(kInstrumentFields, std::back_inserter(others));
  sources_.resize(others.size());
  std::iota(sources_.begin(), sources_.end(), std::size_t{0});
  std::ranges::sort(sources_, {}, [&](std::size_t source) { return others[source]->name(); });
  for (const std::size_t source : sources_) fields.push_back(others[source]);
  schema_ = arrow::schema(std::move(fields));
}

arrow::Status RunBatches::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  try {
    const std::int64_t all =
        rows_.steps.empty() ? 1
                            : rows_.steps.back().row_seq + rows_.steps.back().measurement_count + 1;
    Batch next(rows_, dynamic_, std::min(all, rows_per_batch_));
    fill(next);
    *batch = next.size() == 0 ? nullptr : next.finish(schema_, sources_);
    return arrow::Status::OK();
  } catch (const std::exception& error) {
    return arrow::Status::UnknownError(error.what());
  }
}

void RunBatches::fill(Batch& batch) {
  if (!std::exchange(run_row_done_, true)) batch.add_run_row();
  while (step_ < rows_.steps.size() && batch.size() < rows_per_batch_) {
    const StepRow& step = rows_.steps[step_];
    if (!step_row_done_) {
      batch.add_step_row(step);
      step_row_done_ = true;
      measurements_.start(step.measurements);
      measurement_ = step.left_out;
      continue;
    }
    const std::int64_t count =
        std::min(step.measurement_count - measurement_, rows_per_batch_ - batch.size());
    batch.add_measurement_rows(step, measurements_, measurement_, count);
    measurement_ += count;
    if (measurement_ < step.measurement_count) continue;
    ++step_;
    step_row_done_ = false;
  }
}

RunFileMetadata RunBatches::metadata(std::string_view source_events) const {
  RunFileMetadata result{
      {"schema_version", "1.0"}, {"litmus_version", kVersion}, {"writer", "litmus"}};
  const auto add = [&result](const char* key, std::string text) {
    if (!text.empty()) result.emplace_back(key, std::move(text));
  };
  add("environment_json", rows_.environment_json.value_or(""));
  add("profile_facets_json", rows_.profile_facets.empty() ? "" : to_json(rows_.profile_facets));
  add("source_events", std::string(source_events));
  add("io_schema", dynamic_.io_schema());
  add("coerced_columns", dynamic_.coerced_columns());
  return result;
}

}  // namespace litmus
