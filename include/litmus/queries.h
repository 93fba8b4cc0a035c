// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/run_summary.h"
#include "litmus/time.h"
#include "litmus/value.h"

// Questions about what was recorded, answered by the daemon of the data directory, which is started
// when there is none. Running runs are in the answers, too.
//
//   litmus::MeasurementsQuery measurements("data");
//   for (const auto& row : measurements.yield_summary({.filter = {.product = {"PB-100"}}})) ...
//
// One thread at a time for each object. Errors: (kInvalidArgument) names the parameter that cannot
// be used; (kUnavailable) when there is no daemon.
namespace litmus {

class DaemonClient;

// Which runs a question is about. Of several values any one fits; no value: all.
struct RunFilter {
  std::vector<std::string> product = {};  // part number, else product id, else `unknown`
  std::vector<std::string> station = {};  // host name or station id
  std::vector<std::string> lot = {};
  // Metrics leave out `development` unless it is named or `all` is; lists show all phases.
  std::vector<std::string> phase = {};
  std::vector<std::string> outcome = {};
  std::vector<std::string> serial = {};
  std::vector<std::string> project = {};
  std::vector<std::string> operator_id = {};
  // On the start of the run. A date is the whole day, in `tz`; a time is exact. Both ends included.
  std::optional<std::string> since = std::nullopt;
  std::optional<std::string> until = std::nullopt;
  std::optional<std::string> tz = std::nullopt;  // `Europe/Berlin`; absent: UTC
};

struct Page {
  std::optional<std::int64_t> limit = std::nullopt;
  std::int64_t offset = 0;
};

// A step at one vector.
struct StepRow {
  std::string run_id;
  std::string session_id;
  std::optional<std::string> slot_id;
  std::string step_path;
  std::int64_t vector_index = 0;
  std::int64_t step_index = 0;
  std::string step_name;
  std::string parent_path;
  std::optional<std::string> outcome;  // absent: never ran, or cut off
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
  std::optional<double> duration_s;
  std::int64_t measurement_count = 0;
  std::int64_t vector_count = 0;
  std::int64_t retry_count = 0;
  std::optional<std::string> markers;
  std::optional<std::string> dut_serial;
  std::optional<std::string> station_id;
  ValueMap inputs;
  ValueMap outputs;
  std::optional<std::string> description;
  std::optional<std::string> error_type;
  std::optional<std::string> error_message;
  std::optional<std::string> file_path;  // of the sealed run
};

struct MeasurementRow {
  std::string run_id;
  std::optional<Timestamp> run_started_at;
  std::optional<std::string> run_outcome;
  std::optional<std::string> dut_serial;
  std::optional<std::string> dut_part_number;
  std::optional<std::string> station_id;
  std::string step_path;
  std::string step_name;
  std::int64_t vector_index = 0;
  std::int64_t vector_retry = 0;
  std::string measurement_name;
  std::optional<Timestamp> measurement_timestamp;
  Value value;  // number, text, boolean, or null
  std::optional<std::string> units;
  std::optional<std::string> outcome;
  std::optional<double> limit_low;
  std::optional<double> limit_high;
  Value limit_nominal;
  std::optional<std::string> limit_comparator;
  std::optional<std::string> characteristic_id;
  std::optional<std::string> spec_ref;
  std::optional<std::string> dut_pin;
  std::optional<std::string> instrument_name;
  ValueMap inputs;  // conditions of the vector
  ValueMap outputs;
  ValueMap custom;
  std::optional<std::string> file_path;  // of the sealed run
};

// The rows of any named query of docs/reference/queries.md, by column name: also what has no method
// below, as charts, the values of a filter, or the columns of a relation.
std::vector<ValueMap> named_query(const std::string& data_dir, std::string_view name,
                                  const ValueMap& parameters = {});

class RunsQuery {
 public:
  explicit RunsQuery(const std::string& data_dir);
  explicit RunsQuery(std::shared_ptr<DaemonClient> daemon);

  // Newest first.
  std::vector<RunSummary> list(const RunFilter& filter = {}, const Page& page = {});
  // By the full id or a unique beginning. Error(kNotFound), or Error(kConflict) with those that
  // fit.
  RunSummary get(const std::string& id_or_prefix);
  std::vector<RunSummary> list_for_session(const std::string& session_id);
  std::int64_t count(const RunFilter& filter = {});
  // Rows `bucket`, `failed_count`, `total`, `fail_rate_pct`. `group_by`: dut_part_number,
  // station_hostname, operator_id, test_phase or fixture_id.
  std::vector<ValueMap> failure_pareto(const RunFilter& filter = {},
                                       std::string_view group_by = "dut_part_number",
                                       std::int64_t top = 10);

 private:
  std::shared_ptr<DaemonClient> daemon_;
};

class StepsQuery {
 public:
  explicit StepsQuery(const std::string& data_dir);
  explicit StepsQuery(std::shared_ptr<DaemonClient> daemon);

  // In the order of execution, those that never ran last.
  std::vector<StepRow> list_for_run(const std::string& run_id);
  std::vector<StepRow> list(const RunFilter& filter = {}, const Page& page = {});
  std::vector<ValueMap> failure_pareto(const RunFilter& filter = {}, std::int64_t top = 10);

 private:
  std::shared_ptr<DaemonClient> daemon_;
};

struct MetricOptions {
  RunFilter filter = {};
  std::string period = "day";  // hour, day, week, month; where the metric has periods
  std::vector<std::string> group_by =
      {};  // product, station, phase; empty: all, {"none"}: one group
  std::optional<std::int64_t> top = {};
  std::optional<std::int64_t> min_samples = {};
};

class MeasurementsQuery {
 public:
  explicit MeasurementsQuery(const std::string& data_dir);
  explicit MeasurementsQuery(std::shared_ptr<DaemonClient> daemon);

  std::vector<MeasurementRow> list_for_run(const std::string& run_id);
  std::vector<MeasurementRow> list(const RunFilter& filter = {}, const Page& page = {});

  // Rows by column name; what they mean stands in src/index/sql/metrics_*.sql.
  std::vector<ValueMap> yield_summary(const MetricOptions& options = {});
  std::vector<ValueMap> trend(const MetricOptions& options = {});
  std::vector<ValueMap> pareto(const MetricOptions& options = {});
  std::vector<ValueMap> cpk(const MetricOptions& options = {});
  std::vector<ValueMap> retest(const MetricOptions& options = {});
  std::vector<ValueMap> time_loss(const MetricOptions& options = {});
  std::vector<ValueMap> assets(const MetricOptions& options = {});

 private:
  std::shared_ptr<DaemonClient> daemon_;
};

}  // namespace litmus
