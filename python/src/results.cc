// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>

#include "arrow_stream.h"
#include "bindings.h"
#include "litmus/error.h"
#include "results/sealed_runs.h"
#include "run_summary.h"
#include "scalars.h"

namespace litmus::python {
namespace {

nb::list list_runs(SealedRuns& runs, std::optional<std::int64_t> limit) {
  std::vector<RunSummary> found;
  {
    const nb::gil_scoped_release no_gil;
    found = runs.list_runs(limit);
  }
  nb::list list;
  for (const RunSummary& summary : found) list.append(from_summary(summary));
  return list;
}

RunSummary find_run(SealedRuns& runs, nb::handle id_or_prefix) {
  const std::string id = to_text(id_or_prefix, "run id");
  const nb::gil_scoped_release no_gil;
  return runs.get_run(id);
}

ArrowRows run_rows(SealedRuns& runs, nb::handle id_or_prefix) {
  const std::string id = to_text(id_or_prefix, "run id");
  const nb::gil_scoped_release no_gil;
  return {runs.run_rows(runs.get_run(id))};
}

nb::list skipped(const SealedRuns& runs) {
  nb::list list;
  for (const SkippedFile& file : runs.skipped()) {
    list.append(nb::make_tuple(from_path(file.path), from_text(file.reason)));
  }
  return list;
}

}  // namespace

nb::dict from_summary(const RunSummary& summary) {
  nb::dict fields;
  fields["test_run_id"] = from_text(summary.run_id);
  fields["session_id"] = from_text(summary.session_id);
  fields["slot_id"] = from_optional_text(summary.slot_id);
  fields["started_at"] = from_optional_timestamp(summary.started_at);
  fields["ended_at"] = from_optional_timestamp(summary.ended_at);
  fields["dut_serial"] = from_optional_text(summary.dut_serial);
  fields["dut_part_number"] = from_optional_text(summary.dut_part_number);
  fields["dut_lot_number"] = from_optional_text(summary.dut_lot_number);
  fields["product_id"] = from_optional_text(summary.product_id);
  fields["station_id"] = from_optional_text(summary.station_id);
  fields["station_name"] = from_optional_text(summary.station_name);
  fields["station_type"] = from_optional_text(summary.station_type);
  fields["station_hostname"] = from_optional_text(summary.station_hostname);
  fields["fixture_id"] = from_optional_text(summary.fixture_id);
  fields["test_phase"] = from_optional_text(summary.test_phase);
  fields["operator"] = from_optional_text(summary.operator_id);
  fields["outcome"] = from_optional_text(summary.outcome);
  fields["total_measurements"] = summary.total_measurements;
  fields["total_steps"] = summary.total_steps;
  fields["project_name"] = from_optional_text(summary.project_name);
  fields["file_path"] = summary.file_path ? from_path(*summary.file_path) : nb::none();
  return fields;
}

void bind_results(nb::module_& module) {
  nb::class_<SealedRuns>(module, "SealedRuns")
      .def(nb::new_(
               [](nb::handle data_dir) { return std::make_shared<SealedRuns>(to_path(data_dir)); }),
           nb::arg("data_dir"))
      .def("list_runs", &list_runs, nb::arg("limit").none())
      .def(
          "get_run",
          [](SealedRuns& runs, nb::handle id) { return from_summary(find_run(runs, id)); },
          nb::arg("id_or_prefix"))
      .def("run_rows", &run_rows, nb::arg("id_or_prefix"))
      .def_prop_ro("skipped", &skipped);
}

}  // namespace litmus::python
