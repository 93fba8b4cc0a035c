// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"
#include "bindings.h"
#include "config/calibration.h"
#include "config/config_file.h"
#include "config/project_file.h"
#include "config/station.h"
#include "litmus/error.h"
#include "scalars.h"
#include "values.h"

namespace litmus::python {
namespace {

ConfigPlaces places() { return ConfigPlaces::from(posix_file_system(), current_folder()); }

nb::list texts(const std::vector<std::string>& lines) {
  nb::list list;
  for (const std::string& line : lines) list.append(from_text(line));
  return list;
}

// (file, settings); None without a project.
nb::object project() {
  const auto found = find_project(posix_file_system(), current_folder());
  if (!found) return nb::none();
  return nb::make_tuple(from_path(found->file), from_value_map(found->settings));
}

// (file, record, warnings)
nb::tuple station(nb::handle id) {
  FileSystem& files = posix_file_system();
  const ConfigPlaces where = places();
  const auto wanted = id.is_none() ? std::nullopt : std::optional(to_text(id, "station"));
  const Station loaded = load_station(files, where, find_station_file(files, where, wanted));
  return nb::make_tuple(from_path(loaded.file), from_value_map(loaded.record),
                        texts(loaded.warnings));
}

// (days_until_due, message, expired, warns); None without a due date.
nb::object calibration(nb::handle fields, nb::handle today) {
  const auto status = calibration_status(to_value_map(fields, "calibration"),
                                         today.is_none() ? now() : to_timestamp(today));
  if (!status) return nb::none();
  return nb::make_tuple(status->days_until_due, from_text(status->message), status->expired,
                        status->warns);
}

}  // namespace

void bind_config(nb::module_& module) {
  module.def("find_project", &project);
  module.def("load_station", &station, nb::arg("station").none());
  module.def("calibration_status", &calibration, nb::arg("calibration"), nb::arg("today").none());
}

}  // namespace litmus::python
