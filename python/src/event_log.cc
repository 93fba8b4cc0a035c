// SPDX-License-Identifier: Apache-2.0
#include "litmus/event_log.h"

#include <nanobind/stl/shared_ptr.h>

#include "base/process.h"
#include "bindings.h"
#include "config/project_file.h"
#include "events.h"
#include "problems.h"
#include "project/sealing.h"
#include "scalars.h"

namespace litmus::python {
namespace {

std::shared_ptr<EventLog> open_log(nb::handle data_dir, nb::handle session_id,
                                   const std::shared_ptr<Problems>& problems) {
  const auto project = find_project(posix_file_system(), current_folder());
  EventLogOptions options;
  if (project) options.durability = project->durability;
  options.on_problem = [problems](const std::string& problem) { problems->add(problem); };
  return std::make_shared<EventLog>(to_path(data_dir),
                                    session_id.is_none() ? Uuid::random() : to_uuid(session_id),
                                    std::move(options));
}

bool emit(EventLog& log, nb::handle object) {
  Event event = to_event(object);
  const nb::gil_scoped_release no_gil;
  return log.emit(std::move(event));
}

// The event as stored, its writer and its number there; None if it could not be written.
nb::object append(EventLog& log, nb::handle object) {
  Event event = to_event(object);
  std::optional<EventPosition> position;
  {
    const nb::gil_scoped_release no_gil;
    position = log.append(event);
  }
  if (!position) return nb::none();
  return nb::make_tuple(from_event(event), from_text(position->writer_id.to_string()),
                        position->seq);
}

// The run's file; None if it could not be made, of which `problems` is told.
nb::object seal(EventLog& log, nb::handle run_id_object, nb::handle started_at_object,
                const std::shared_ptr<Problems>& problems) {
  const Uuid run_id = to_uuid(run_id_object);
  const Timestamp started_at = to_timestamp(started_at_object);
  std::string path;
  {
    const nb::gil_scoped_release no_gil;
    path = seal_run(posix_file_system(), log, run_id, {.started_at = started_at},
                    [&problems](const std::string& problem) { problems->add(problem); });
  }
  return path.empty() ? nb::none() : from_path(path);
}

nb::object path(const EventLog& log) {
  const std::string path = log.path();
  return path.empty() ? nb::none() : from_path(path);
}

}  // namespace

void bind_event_log(nb::module_& module) {
  using NoGil = nb::call_guard<nb::gil_scoped_release>;
  nb::class_<EventLog>(module, "EventLog")
      .def(nb::new_(&open_log), nb::arg("data_dir"), nb::arg("session_id").none(),
           nb::arg("problems"))
      .def("emit", &emit, nb::arg("event"))
      .def("append", &append, nb::arg("event"))
      .def("seal_run", &seal, nb::arg("run_id"), nb::arg("started_at"), nb::arg("problems"))
      .def("flush", &EventLog::flush, NoGil())
      .def("close", &EventLog::close, NoGil())
      .def_prop_ro("session_id", [](const EventLog& log) { return from_uuid(log.session_id()); })
      .def_prop_ro("path", &path)
      .def_prop_ro("events_lost", &EventLog::events_lost);
}

}  // namespace litmus::python
