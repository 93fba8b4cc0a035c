// SPDX-License-Identifier: Apache-2.0
#include "index/run_ingest.h"

#include <arrow/array/array_base.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/blanks.h"
#include "base/json_writer.h"
#include "litmus/error.h"

namespace litmus {
namespace {

// A column of the run file, and of the table that takes it as it is.
struct Copied {
  const char* source;
  const char* target;
};

constexpr std::array kRunColumns{
    Copied{"session_id", "session_id"},
    Copied{"slot_id", "slot_id"},
    Copied{"dut_serial", "dut_serial"},
    Copied{"dut_part_number", "dut_part_number"},
    Copied{"dut_revision", "dut_revision"},
    Copied{"dut_lot_number", "dut_lot_number"},
    Copied{"station_id", "station_id"},
    Copied{"station_name", "station_name"},
    Copied{"station_type", "station_type"},
    Copied{"station_location", "station_location"},
    Copied{"station_hostname", "station_hostname"},
    Copied{"fixture_id", "fixture_id"},
    Copied{"run_outcome", "outcome"},
    Copied{"run_started_at", "started_at"},
    Copied{"run_ended_at", "ended_at"},
    Copied{"test_phase", "test_phase"},
    Copied{"product_id", "product_id"},
    Copied{"product_name", "product_name"},
    Copied{"product_revision", "product_revision"},
    Copied{"operator_id", "operator_id"},
    Copied{"operator_name", "operator_name"},
    Copied{"project_name", "project_name"},
    Copied{"git_commit", "git_commit"},
    Copied{"git_branch", "git_branch"},
    Copied{"git_remote", "git_remote"},
    Copied{"python_version", "python_version"},
    Copied{"litmus_version", "litmus_version"},
    Copied{"env_fingerprint", "env_fingerprint"},
    Copied{"events_lost", "events_lost"},
};

constexpr std::array kStepColumns{
    Copied{"step_path", "step_path"},
    Copied{"vector_index", "vector_index"},
    Copied{"step_index", "step_index"},
    Copied{"step_name", "step_name"},
    Copied{"parent_path", "parent_path"},
    Copied{"step_outcome", "outcome"},
    Copied{"vector_outcome", "vector_outcome"},
    Copied{"step_started_at", "started_at"},
    Copied{"step_ended_at", "ended_at"},
    Copied{"step_vector_count", "vector_count"},
    Copied{"step_markers", "markers"},
    Copied{"step_description", "description"},
    Copied{"step_node_id", "node_id"},
    Copied{"step_module", "module"},
    Copied{"step_file", "file"},
    Copied{"step_class", "class"},
    Copied{"step_function", "function"},
    Copied{"error_type", "error_type"},
    Copied{"error_message", "error_message"},
};

constexpr std::array kMeasurementColumns{
    Copied{"step_index", "step_index"},
    Copied{"vector_index", "vector_index"},
    Copied{"vector_retry", "vector_retry"},
    Copied{"measurement_timestamp", "measurement_timestamp"},
    Copied{"measurement_value", "measurement_value"},
    Copied{"measurement_text", "measurement_text"},
    Copied{"measurement_bool", "measurement_bool"},
    Copied{"measurement_outcome", "measurement_outcome"},
    Copied{"limit_low", "limit_low"},
    Copied{"limit_high", "limit_high"},
    Copied{"limit_nominal", "limit_nominal"},
    Copied{"limit_nominal_bool", "limit_nominal_bool"},
    Copied{"allow_repeat", "allow_repeat"},
    Copied{"step_started_at", "step_started_at"},
    Copied{"step_ended_at", "step_ended_at"},
    Copied{"vector_started_at", "vector_started_at"},
    Copied{"vector_ended_at", "vector_ended_at"},
    Copied{"step_outcome", "step_outcome"},
    Copied{"vector_outcome", "vector_outcome"},
    Copied{"attempt_outcome", "attempt_outcome"},
    Copied{"step_node_id", "step_node_id"},
};

void copy(const IngestColumn& cell, std::int64_t source_row, TableWriter& table,
          TableWriter::Row row, std::size_t column) {
  if (cell.is_null(source_row)) return;
  const auto set = [&](const auto& value) {
    if (value) table.set(row, column, *value);
  };
  switch (table.type(column)) {
    case DUCKDB_TYPE_DOUBLE: return set(cell.number(source_row));
    case DUCKDB_TYPE_BOOLEAN: return set(cell.boolean(source_row));
    case DUCKDB_TYPE_TIMESTAMP_TZ: return set(cell.time_us(source_row));
    case DUCKDB_TYPE_VARCHAR: return set(cell.text(source_row));
    default: return set(cell.integer(source_row));
  }
}

template <std::size_t count>
std::vector<std::size_t> targets_of(const std::array<Copied, count>& columns,
                                    const TableWriter& table) {
  std::vector<std::size_t> targets;
  targets.reserve(columns.size());
  for (const Copied& column : columns) targets.push_back(table.column(column.target));
  return targets;
}

}  // namespace

// The columns of a batch, in the order of the lists above.
struct RunIngest::Batch {
  IngestColumn record_type;
  IngestColumn run_id;
  IngestColumn row_seq;
  IngestColumn attempts;
  std::vector<IngestColumn> run;
  std::vector<IngestColumn> step;
  std::vector<IngestColumn> measurement;
  std::vector<IngestColumn> kind;
  std::vector<IngestColumn> dynamic;

  Batch(const arrow::RecordBatch& batch, const std::vector<Dynamic>& dynamic_columns)
      : record_type(find(batch, "record_type")),
        run_id(find(batch, "run_id")),
        row_seq(find(batch, "row_seq")),
        attempts(find(batch, "step_attempts")) {
    for (const Copied& column : kRunColumns) run.push_back(find(batch, column.source));
    for (const Copied& column : kStepColumns) step.push_back(find(batch, column.source));
    for (const Copied& column : kMeasurementColumns) {
      measurement.push_back(find(batch, column.source));
    }
    for (const char* column : kKindColumns) kind.push_back(find(batch, column));
    for (const Dynamic& column : dynamic_columns) dynamic.push_back(find(batch, column.source));
  }

  const IngestColumn& step_path() const { return step[0]; }
  const IngestColumn& vector_index() const { return step[1]; }
  const IngestColumn& parent_path() const { return step[4]; }
  const IngestColumn& retry() const { return measurement[2]; }
  const IngestColumn& limit_low() const { return measurement[8]; }
  const IngestColumn& limit_high() const { return measurement[9]; }

  static IngestColumn find(const arrow::RecordBatch& batch, const std::string& name) {
    const int position = batch.schema()->GetFieldIndex(name);
    return position < 0 ? IngestColumn() : IngestColumn(batch.column(position));
  }
};

// Where the columns are in the tables.
struct RunIngest::Positions {
  std::vector<std::size_t> run, step, measurement;  // of the lists above
  std::size_t step_run_key, step_row_seq, retry_count, measurement_count, is_leaf, inputs, outputs;
  std::size_t run_key, kind_key, limits_key, row_seq, is_final;

  explicit Positions(const RunTables& tables)
      : run(targets_of(kRunColumns, tables.runs)),
        step(targets_of(kStepColumns, tables.steps)),
        measurement(targets_of(kMeasurementColumns, tables.measurements)),
        step_run_key(tables.steps.column("run_key")),
        step_row_seq(tables.steps.column("row_seq")),
        retry_count(tables.steps.column("retry_count")),
        measurement_count(tables.steps.column("measurement_count")),
        is_leaf(tables.steps.column("is_leaf")),
        inputs(tables.steps.column("inputs")),
        outputs(tables.steps.column("outputs")),
        run_key(tables.measurements.column("run_key")),
        kind_key(tables.measurements.column("kind_key")),
        limits_key(tables.measurements.column("limits_key")),
        row_seq(tables.measurements.column("row_seq")),
        is_final(tables.measurements.column("is_final")) {}
};

RunIngest::~RunIngest() = default;

RunIngest::RunIngest(RunTables& tables, KindDictionary& kinds, LimitsDictionary& limits,
                     DynamicColumnRegistry& registry, const arrow::Schema& schema,
                     std::optional<std::string> file_path, std::int64_t first_run_key,
                     const LiveRunPart* part)
    : tables_(tables),
      kinds_(kinds),
      limits_(limits),
      file_path_(std::move(file_path)),
      next_run_key_(first_run_key),
      part_(part) {
  for (const auto& field : schema.fields()) {
    const std::string& name = field->name();
    const IngestColumn::Kind kind = IngestColumn::kind_of(*field->type());
    if (kind == IngestColumn::Kind::kNone) continue;
    const bool custom = name.starts_with("custom_");
    const bool output = name.starts_with("out_");
    if (!custom && !output && !name.starts_with("in_")) continue;
    TableWriter& table = custom ? tables.runs : tables.measurements;
    const auto column =
        registry.column_for(custom ? "stored_runs" : "stored_measurements", name, kind);
    Dynamic& dynamic = dynamic_.emplace_back();
    dynamic.source = name;
    if (!custom) dynamic.json_key = name.substr(output ? 4 : 3);
    dynamic.output = output;
    if (column) dynamic.target = table.column(*column);
  }
  positions_ = std::make_unique<const Positions>(tables);
}

bool RunIngest::reads(std::string_view column) {
  static const std::unordered_set<std::string_view> kColumns = [] {
    std::unordered_set<std::string_view> names{"record_type", "run_id", "row_seq", "step_attempts"};
    for (const Copied& copied : kRunColumns) names.insert(copied.source);
    for (const Copied& copied : kStepColumns) names.insert(copied.source);
    for (const Copied& copied : kMeasurementColumns) names.insert(copied.source);
    names.insert(kKindColumns.begin(), kKindColumns.end());
    return names;
  }();
  return column.starts_with("in_") || column.starts_with("out_") || column.starts_with("custom_") ||
         kColumns.contains(column);
}

void RunIngest::add(const arrow::RecordBatch& rows) {
  const auto batch = std::make_shared<const Batch>(rows, dynamic_);
  for (std::int64_t row = 0; row < rows.num_rows(); ++row, ++rows_) {
    const std::optional<std::string_view> run_id = batch->run_id.text(row);
    const std::optional<std::string_view> type = batch->record_type.text(row);
    if (!run_id || run_id->empty() || !type) continue;
    Run& run = run_of(*run_id);
    const bool own = *type == "run";
    if (!run.source || (own && !run.has_own_row)) {
      run.source = batch;
      run.source_row = row;
      run.has_own_row = own;
    }
    const std::int64_t row_seq = batch->row_seq.integer(row).value_or(rows_);
    if (*type == "step") add_step(run, *batch, row, row_seq);
    if (*type == "measurement") add_measurement(run, *batch, row, row_seq);
  }
}

RunIngest::Run& RunIngest::run_of(std::string_view run_id) {
  if (last_run_ != nullptr && last_run_->id == run_id) return *last_run_;
  step_key_.clear();
  const auto known = std::ranges::find(runs_, run_id, &Run::id);
  if (known != runs_.end()) {
    last_run_ = &*known;
  } else {
    last_run_ = &runs_.emplace_back();
    last_run_->id = run_id;
    last_run_->key = next_run_key_++;
  }
  return *last_run_;
}

std::size_t RunIngest::step_of(Run& run, const Batch& batch, std::int64_t row) {
  const std::string_view path = batch.step_path().text(row).value_or("");
  const std::int64_t vector = batch.vector_index().integer(row).value_or(0);
  std::string key(path);
  key += '\0';
  key += std::to_string(vector);
  if (key == step_key_) return last_step_;
  const auto [place, is_new] = run.step_numbers.emplace(key, run.steps.size());
  if (is_new) run.steps.emplace_back();
  step_key_ = std::move(key);
  last_step_ = place->second;
  return last_step_;
}

void RunIngest::add_step(Run& run, const Batch& batch, std::int64_t row, std::int64_t row_seq) {
  TableWriter& table = tables_.steps;
  const TableWriter::Row target = table.add_row();
  for (std::size_t i = 0; i < positions_->step.size(); ++i) {
    copy(batch.step[i], row, table, target, positions_->step[i]);
  }
  table.set(target, positions_->step_run_key, run.key);
  table.set(target, positions_->step_row_seq, row_seq);
  const std::optional<std::int64_t> attempts = batch.attempts.integer(row);
  if (attempts) {
    table.set(target, positions_->retry_count, std::max<std::int64_t>(0, *attempts - 1));
  }
  add_values(batch, row, false, target);
  add_values(batch, row, true, target);
  run.parents.emplace(batch.parent_path().text(row).value_or(""));
  run.step_rows.push_back({target, step_of(run, batch, row),
                           std::string(batch.step_path().text(row).value_or("")),
                           attempts.has_value()});
}

void RunIngest::add_values(const Batch& batch, std::int64_t row, bool outputs,
                           TableWriter::Row target) {
  std::string text;
  JsonWriter json(text);
  for (std::size_t i = 0; i < dynamic_.size(); ++i) {
    const Dynamic& dynamic = dynamic_[i];
    if (dynamic.json_key.empty() || dynamic.output != outputs) continue;
    if (batch.dynamic[i].is_null(row)) continue;
    if (text.empty()) json.begin_object();
    json.key(dynamic.json_key);
    batch.dynamic[i].write_json(json, row);
  }
  if (text.empty()) return;
  json.end_object();
  tables_.steps.set(target, outputs ? positions_->outputs : positions_->inputs,
                    std::string_view(text));
}

void RunIngest::add_measurement(Run& run, const Batch& batch, std::int64_t row,
                                std::int64_t row_seq) {
  TableWriter& table = tables_.measurements;
  const TableWriter::Row target = table.add_row();
  for (std::size_t i = 0; i < positions_->measurement.size(); ++i) {
    copy(batch.measurement[i], row, table, target, positions_->measurement[i]);
  }
  table.set(target, positions_->run_key, run.key);
  const std::int64_t kind = kinds_.key_of(batch.kind, row);
  table.set(target, positions_->kind_key, kind);
  table.set(target, positions_->limits_key,
            limits_.key_of(kind, batch.limit_low().number(row), batch.limit_high().number(row)));
  table.set(target, positions_->row_seq, row_seq);
  for (std::size_t i = 0; i < dynamic_.size(); ++i) {
    if (dynamic_[i].json_key.empty() || !dynamic_[i].target) continue;
    copy(batch.dynamic[i], row, table, target, *dynamic_[i].target);
  }
  const std::size_t number = step_of(run, batch, row);
  Step& step = run.steps[number];
  const std::int64_t retry = batch.retry().integer(row).value_or(0);
  ++step.measurements;
  step.last_retry = std::max(step.last_retry, retry);
  run.measurements.push_back({target, number, retry});
}

std::vector<IngestedRun> RunIngest::finish() {
  std::vector<IngestedRun> result;
  for (Run& run : runs_) {
    complete(run);
    write_run(run);
    result.push_back({run.id, run.key});
  }
  return result;
}

void RunIngest::complete(Run& run) {
  for (std::size_t i = 0; i < run.step_rows.size(); ++i) {
    const StepRow& row = run.step_rows[i];
    Step& step = run.steps[row.step];
    bool is_leaf = !run.parents.contains(row.path);
    if (part_ != nullptr) {
      const LiveRunPart::Step& known = part_->steps.at(i);
      step.measurements += known.measurements;
      step.last_retry = std::max(step.last_retry, known.last_retry);
      is_leaf = known.is_leaf;
    }
    tables_.steps.set(row.row, positions_->measurement_count, step.measurements);
    if (!row.has_attempts) tables_.steps.set(row.row, positions_->retry_count, step.last_retry);
    tables_.steps.set(row.row, positions_->is_leaf, is_leaf);
  }
  for (const Measurement& measurement : run.measurements) {
    const bool is_final = measurement.retry == run.steps[measurement.step].last_retry;
    tables_.measurements.set(measurement.row, positions_->is_final, is_final);
  }
}

void RunIngest::write_run(const Run& run) {
  TableWriter& table = tables_.runs;
  const TableWriter::Row target = table.add_row();
  const auto set = [&](const char* column, const auto& value) {
    table.set(target, table.column(column), value);
  };
  const auto text = [&](std::string_view source) {
    const auto* column = std::ranges::find(kRunColumns, source, &Copied::source);
    const auto& cell = run.source->run[static_cast<std::size_t>(column - kRunColumns.begin())];
    return without_outer_blanks(cell.text(run.source_row).value_or(""));
  };
  for (std::size_t i = 0; i < positions_->run.size(); ++i) {
    const std::size_t column = positions_->run[i];
    if (table.type(column) == DUCKDB_TYPE_VARCHAR && text(kRunColumns[i].source).empty()) continue;
    copy(run.source->run[i], run.source_row, table, target, column);
  }
  set("run_key", run.key);
  set("run_id", std::string_view(run.id));
  if (file_path_) set("file_path", std::string_view(*file_path_));
  const auto steps = static_cast<std::int64_t>(run.step_rows.size());
  const auto measurements = static_cast<std::int64_t>(run.measurements.size());
  set("num_steps", part_ != nullptr ? part_->num_steps : steps);
  set("num_measurements", part_ != nullptr ? part_->num_measurements : measurements);
  const auto first_of = [&](const char* first, const char* second) {
    const std::string value(text(first));
    const std::string other(text(second));
    return !value.empty() ? value : !other.empty() ? other : "unknown";
  };
  set("product", std::string_view(first_of("dut_part_number", "product_id")));
  set("station", std::string_view(first_of("station_hostname", "station_id")));
  set("phase", std::string_view(first_of("test_phase", "test_phase")));
  for (std::size_t i = 0; i < dynamic_.size(); ++i) {
    if (!dynamic_[i].json_key.empty() || !dynamic_[i].target) continue;
    copy(run.source->dynamic[i], run.source_row, table, target, *dynamic_[i].target);
  }
}

}  // namespace litmus
