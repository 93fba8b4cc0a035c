// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/shared_ptr.h>

#include <filesystem>
#include <span>

#include "base/process.h"
#include "bindings.h"
#include "client/run_recorder.h"
#include "config/project_file.h"
#include "measured.h"
#include "problems.h"
#include "run_summary.h"
#include "scalars.h"
#include "values.h"

namespace litmus::python {
namespace {

// What a run may be told.
RunOptions run_options(nb::handle dut_serial, nb::handle dut_part_number, nb::handle dut_revision,
                       nb::handle dut_lot_number, nb::handle operator_id, nb::handle test_phase,
                       nb::handle environment_json) {
  RunOptions options;
  options.dut_serial = to_optional_text(dut_serial, "dut_serial").value_or("");
  options.dut_part_number = to_optional_text(dut_part_number, "dut_part_number");
  options.dut_revision = to_optional_text(dut_revision, "dut_revision");
  options.dut_lot_number = to_optional_text(dut_lot_number, "dut_lot_number");
  options.operator_id = to_optional_text(operator_id, "operator");
  options.test_phase = to_optional_text(test_phase, "test_phase");
  options.environment_json = to_text(environment_json);
  return options;
}

std::optional<Project> project_here() {
  return find_project(posix_file_system(), current_folder());
}

Durability durability_of(const std::optional<Project>& project) {
  return project ? project->durability : Durability::kGroup;
}

std::shared_ptr<RunRecorder> start_run(nb::handle data_dir,
                                       const std::shared_ptr<Problems>& problems,
                                       nb::handle station_id, nb::handle station_type,
                                       nb::handle dut_serial, nb::handle dut_part_number,
                                       nb::handle dut_revision, nb::handle dut_lot_number,
                                       nb::handle operator_id, nb::handle test_phase,
                                       nb::handle environment_json) {
  const std::string folder = to_path(data_dir);
  RunOptions options = run_options(dut_serial, dut_part_number, dut_revision, dut_lot_number,
                                   operator_id, test_phase, environment_json);
  options.station_id = to_optional_text(station_id, "station_id");
  options.station_type = to_optional_text(station_type, "station_type");

  const nb::gil_scoped_release no_gil;
  const auto project = project_here();
  if (project) options.project_name = project->name;
  return RunRecorder::start(
      folder, options, [problems](const std::string& problem) { problems->add(problem); },
      durability_of(project));
}

std::shared_ptr<SessionRecorder> open_session(nb::handle data_dir,
                                              const std::shared_ptr<Problems>& problems,
                                              nb::handle station_id, nb::handle station_type,
                                              nb::handle operator_id) {
  const std::string folder = to_path(data_dir);
  SessionOptions options;
  options.station_id = to_optional_text(station_id, "station_id");
  options.station_type = to_optional_text(station_type, "station_type");
  options.operator_id = to_optional_text(operator_id, "operator");

  const nb::gil_scoped_release no_gil;
  return SessionRecorder::start(
      folder, options, [problems](const std::string& problem) { problems->add(problem); },
      durability_of(project_here()));
}

std::shared_ptr<RunRecorder> start_run_of_session(SessionRecorder& session, nb::handle dut_serial,
                                                  nb::handle dut_part_number,
                                                  nb::handle dut_revision,
                                                  nb::handle dut_lot_number, nb::handle operator_id,
                                                  nb::handle test_phase,
                                                  nb::handle environment_json) {
  RunOptions options = run_options(dut_serial, dut_part_number, dut_revision, dut_lot_number,
                                   operator_id, test_phase, environment_json);
  const nb::gil_scoped_release no_gil;
  if (const auto project = project_here()) options.project_name = project->name;
  return session.start_run(options);
}

std::optional<StepError> to_step_error(nb::handle error) {
  if (error.is_none()) return std::nullopt;
  return StepError{to_outcome(error[0]), to_text(error[1]), to_text(error[2]), to_text(error[3])};
}

// What is only known here of the measurement: (value, value_text, value_bool, limit_low,
// limit_high, limit_nominal, limit_nominal_text, limit_nominal_bool, limit_comparator, outcome,
// timestamp). A hot path: texts and numbers are converted by hand.
nb::tuple measure(VectorRecorder& vector, nb::handle name_object, nb::handle value,
                  nb::handle units, nb::handle low, nb::handle high, nb::handle nominal,
                  nb::handle comparator, nb::handle spec_ref) {
  const std::string name = to_text(name_object, "measurement name");
  MeasureOptions options;
  options.comparator = to_comparator(comparator);
  options.low = to_bound(name, "low", low);
  options.high = to_bound(name, "high", high);
  options.nominal = to_nominal(name, nominal);
  options.units = to_optional_text(units, "units");
  options.spec_ref = to_optional_text(spec_ref, "spec_ref");
  MeasuredValue measured = to_measured(name, value, options);
  const bool has_limits = options.low || options.high || options.nominal.index() != 0;

  Measurement done;
  {
    const nb::gil_scoped_release no_gil;
    done = vector.measure(name, std::move(measured), options);
  }
  const auto number = [](const std::optional<double>& bound) -> nb::object {
    return bound ? nb::object(nb::float_(*bound)) : nb::none();
  };
  nb::object value_number = nb::none();
  nb::object value_text = nb::none();
  nb::object value_bool = nb::none();
  if (const auto* plain = std::get_if<double>(&done.value)) value_number = nb::float_(*plain);
  if (const auto* text = std::get_if<std::string>(&done.value)) value_text = from_text(*text);
  if (const auto* boolean = std::get_if<bool>(&done.value)) {
    value_bool = nb::bool_(*boolean);
    value_number = nb::float_(*boolean ? 1.0 : 0.0);
  }
  const nb::object none = nb::none();
  const nb::object given = nb::borrow(nominal);
  const auto* nominal_number = std::get_if<double>(&options.nominal);
  return nb::make_tuple(value_number, value_text, value_bool, number(options.low),
                        number(options.high),
                        nominal_number != nullptr ? nb::object(nb::float_(*nominal_number)) : none,
                        std::holds_alternative<std::string>(options.nominal) ? given : none,
                        std::holds_alternative<bool>(options.nominal)
                            ? nb::object(nb::bool_(std::get<bool>(options.nominal)))
                            : none,
                        has_limits ? from_comparator(options.comparator) : none,
                        from_optional_outcome(done.outcome), from_timestamp(done.timestamp));
}

template <class Recorder>
nb::object attach(Recorder& recorder, nb::handle name_object, const Attachment& attachment) {
  const std::string name = to_text(name_object, "attachment name");
  std::string reference;
  {
    const nb::gil_scoped_release no_gil;
    reference = recorder.attach(name, attachment);
  }
  return from_text(reference);
}

template <class Recorder>
nb::object attach_file(Recorder& recorder, nb::handle name, nb::handle path) {
  return attach(recorder, name, Attachment(std::filesystem::path(to_path(path))));
}

template <class Recorder>
nb::object attach_bytes(Recorder& recorder, nb::handle name, const nb::bytes& bytes) {
  const std::span content(static_cast<const std::byte*>(bytes.data()), bytes.size());
  return attach(recorder, name, Attachment(content));
}

template <class Recorder>
void end(Recorder& recorder, nb::handle error) {
  const std::optional<StepError> step_error = to_step_error(error);
  const nb::gil_scoped_release no_gil;
  recorder.end(step_error);
}

// What vectors and steps have in common.
template <class Recorder>
void bind_verdict(nb::class_<Recorder>& type) {
  type.def(
          "fail", [](Recorder& recorder, nb::handle message) { recorder.fail(to_text(message)); },
          nb::arg("message"))
      .def(
          "skip", [](Recorder& recorder, nb::handle message) { recorder.skip(to_text(message)); },
          nb::arg("message"))
      .def("end", &end<Recorder>, nb::arg("error").none())
      .def_prop_ro("outcome", [](const Recorder& recorder) {
        return from_optional_outcome(recorder.outcome());
      });
}

template <class Recorder>
void bind_attach(nb::class_<Recorder>& type) {
  type.def("attach_file", &attach_file<Recorder>, nb::arg("name").none(), nb::arg("path").none())
      .def("attach_bytes", &attach_bytes<Recorder>, nb::arg("name").none(), nb::arg("content"));
}

void bind_vector(nb::module_& module) {
  nb::class_<VectorRecorder> type(module, "VectorRecorder");
  bind_verdict(type);
  bind_attach(type);
  type.def("measure", &measure, nb::arg("name").none(), nb::arg("value").none(),
           nb::arg("units").none(), nb::arg("low").none(), nb::arg("high").none(),
           nb::arg("nominal").none(), nb::arg("comparator").none(), nb::arg("spec_ref").none())
      .def(
          "observe",
          [](VectorRecorder& vector, nb::handle name, nb::handle value) {
            const std::string key = to_text(name, "observe");
            if (!key.starts_with('_')) vector.observe(key, to_value(value));
          },
          nb::arg("key").none(), nb::arg("value").none())
      .def_prop_ro("index", &VectorRecorder::index);
}

void bind_step(nb::module_& module) {
  nb::class_<StepRecorder> type(module, "StepRecorder");
  bind_verdict(type);
  type.def(
          "begin_vector",
          [](StepRecorder& step, nb::handle parameters) {
            return step.begin_vector(to_value_map(parameters, "vector"));
          },
          nb::arg("parameters"))
      .def("own_vector", &StepRecorder::own_vector)
      .def_prop_ro("path", [](const StepRecorder& step) { return from_text(step.path()); })
      .def_prop_ro("parent_path",
                   [](const StepRecorder& step) { return from_text(step.parent_path()); });
}

void bind_run(nb::module_& module) {
  nb::class_<RunRecorder> type(module, "RunRecorder");
  bind_attach(type);
  type.def(nb::new_(&start_run), nb::arg("data_dir"), nb::arg("problems"), nb::kw_only(),
           nb::arg("station_id").none(), nb::arg("station_type").none(),
           nb::arg("dut_serial").none(), nb::arg("dut_part_number").none(),
           nb::arg("dut_revision").none(), nb::arg("dut_lot_number").none(),
           nb::arg("operator_id").none(), nb::arg("test_phase").none(), nb::arg("environment_json"))
      .def(
          "begin_step",
          [](RunRecorder& run, nb::handle name, nb::handle description) {
            if (!PyUnicode_Check(name.ptr())) refuse("step", "a name", name);
            return run.begin_step(to_text(name), to_optional_text(description, "description"));
          },
          nb::arg("name").none(), nb::arg("description").none())
      .def(
          "set_metadata",
          [](RunRecorder& run, nb::handle name, nb::handle value) {
            const std::string key = to_text(name, "set_metadata");
            if (!key.starts_with('_')) run.set_metadata(key, to_value(value));
          },
          nb::arg("key").none(), nb::arg("value").none())
      .def(
          "end",
          [](RunRecorder& run, nb::handle least, nb::handle reason_object) {
            const std::string reason = to_text(reason_object);
            const auto outcome = least.is_none() ? std::nullopt : std::optional(to_outcome(least));
            RunSummary summary;
            {
              const nb::gil_scoped_release no_gil;
              summary = run.end(outcome, reason);
            }
            return from_summary(summary);
          },
          nb::arg("least").none(), nb::arg("reason"))
      .def_prop_ro("id", [](const RunRecorder& run) { return from_uuid(run.id()); })
      .def_prop_ro("session_id", [](const RunRecorder& run) { return from_uuid(run.session_id()); })
      .def_prop_ro("started_at",
                   [](const RunRecorder& run) { return from_timestamp(run.started_at()); });
}

void bind_session(nb::module_& module) {
  nb::class_<SessionRecorder>(module, "SessionRecorder")
      .def(nb::new_(&open_session), nb::arg("data_dir"), nb::arg("problems"), nb::kw_only(),
           nb::arg("station_id").none(), nb::arg("station_type").none(),
           nb::arg("operator_id").none())
      .def("start_run", &start_run_of_session, nb::kw_only(), nb::arg("dut_serial").none(),
           nb::arg("dut_part_number").none(), nb::arg("dut_revision").none(),
           nb::arg("dut_lot_number").none(), nb::arg("operator_id").none(),
           nb::arg("test_phase").none(), nb::arg("environment_json"))
      .def(
          "end",
          [](SessionRecorder& session, nb::handle least) {
            const auto outcome = least.is_none() ? std::nullopt : std::optional(to_outcome(least));
            const nb::gil_scoped_release no_gil;
            session.end(outcome);
          },
          nb::arg("least").none())
      .def_prop_ro("id", [](const SessionRecorder& session) { return from_uuid(session.id()); });
}

}  // namespace

void bind_recorders(nb::module_& module) {
  bind_vector(module);
  bind_step(module);
  bind_run(module);
  bind_session(module);
}

}  // namespace litmus::python
