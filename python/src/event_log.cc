// SPDX-License-Identifier: Apache-2.0
#include "litmus/event_log.h"

#include <nanobind/stl/shared_ptr.h>

#include "base/process.h"
#include "bindings.h"
#include "config/project_file.h"
#include "events.h"
#include "problems.h"
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

}  // namespace

void bind_event_log(nb::module_& module) {
  using NoGil = nb::call_guard<nb::gil_scoped_release>;
  nb::class_<EventLog>(module, "EventLog")
      .def(nb::new_(&open_log), nb::arg("data_dir"), nb::arg("session_id").none(),
           nb::arg("problems"))
      .def("emit", &emit, nb::arg("event"))
      .def("flush", &EventLog::flush, NoGil())
      .def("close", &EventLog::close, NoGil())
      .def_prop_ro("session_id", [](const EventLog& log) { return from_uuid(log.session_id()); })
      .def_prop_ro("events_lost", &EventLog::events_lost);
}

}  // namespace litmus::python
