// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "index/dynamic_column_registry.h"
#include "index/ingest_column.h"
#include "index/kind_dictionary.h"
#include "index/limits_dictionary.h"
#include "index/live_run_part.h"
#include "index/table_writer.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace litmus {

// The three tables that the rows of a run go to.
struct RunTables {
  TableWriter runs;
  TableWriter steps;
  TableWriter measurements;
};

struct IngestedRun {
  std::string run_id;
  std::int64_t run_key = 0;
};

// Sorts the rows of a run file, or of a run that is going on, into the tables of the index: columns
// are found by name, missing ones read null, unknown ones are passed over. Several runs in one file
// are kept apart; where a run has no row of its own, its columns are taken from any other of its
// rows. Serves one file.
class RunIngest {
 public:
  // May add dynamic columns to the tables. `file_path` is absent for a run that is not sealed. With
  // `part` the rows are some of one running run, whose others are in the tables.
  RunIngest(RunTables& tables, KindDictionary& kinds, LimitsDictionary& limits,
            DynamicColumnRegistry& registry, const arrow::Schema& schema,
            std::optional<std::string> file_path, std::int64_t first_run_key,
            const LiveRunPart* part = nullptr);
  ~RunIngest();

  // Whether the index has anything of a column of the run file.
  static bool reads(std::string_view column);

  void add(const arrow::RecordBatch& rows);
  // Completes what only the whole file tells.
  std::vector<IngestedRun> finish();

 private:
  struct Dynamic {
    std::string source;
    std::string json_key;               // in the inputs or outputs of a step; empty: of the run
    bool output = false;                // else input
    std::optional<std::size_t> target;  // position in its table
  };
  struct Batch;
  struct Positions;
  // What is known of one step_path and vector_index.
  struct Step {
    std::int64_t measurements = 0;
    std::int64_t last_retry = 0;
  };
  struct StepRow {
    TableWriter::Row row;
    std::size_t step = 0;
    std::string path;
    bool has_attempts = false;
  };
  struct Measurement {
    TableWriter::Row row;
    std::size_t step = 0;
    std::int64_t retry = 0;
  };
  struct Run {
    std::string id;
    std::int64_t key = 0;
    std::shared_ptr<const Batch> source;  // where its own columns are
    std::int64_t source_row = 0;
    bool has_own_row = false;
    std::vector<Step> steps;
    std::unordered_map<std::string, std::size_t> step_numbers;  // by path and vector
    std::unordered_set<std::string> parents;
    std::vector<StepRow> step_rows;
    std::vector<Measurement> measurements;
  };

  Run& run_of(std::string_view run_id);
  std::size_t step_of(Run& run, const Batch& batch, std::int64_t row);
  void add_step(Run& run, const Batch& batch, std::int64_t row, std::int64_t row_seq);
  void add_values(const Batch& batch, std::int64_t row, bool outputs, TableWriter::Row target);
  void add_measurement(Run& run, const Batch& batch, std::int64_t row, std::int64_t row_seq);
  void write_run(const Run& run);
  void complete(Run& run);

  RunTables& tables_;
  KindDictionary& kinds_;
  LimitsDictionary& limits_;
  std::optional<std::string> file_path_;
  std::int64_t next_run_key_;
  const LiveRunPart* part_;
  std::int64_t rows_ = 0;
  std::vector<Dynamic> dynamic_;
  std::unique_ptr<const Positions> positions_;
  std::deque<Run> runs_;
  Run* last_run_ = nullptr;
  std::string step_key_;  // of the row before
  std::size_t last_step_ = 0;
};

}  // namespace litmus
