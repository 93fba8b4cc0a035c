// SPDX-License-Identifier: Apache-2.0
#include "bindings.h"
#include "scalars.h"
#include "service/daemon_directory.h"

namespace litmus::python {
namespace {

// (address, pid): a daemon that replaces another one listens at the same address.
nb::tuple place_of(const RunningDaemon& daemon) {
  return nb::make_tuple(from_text(daemon.address), daemon.process.pid);
}

nb::tuple ensure(nb::handle data_dir) {
  const std::string folder = to_path(data_dir);
  RunningDaemon daemon;
  {
    const nb::gil_scoped_release no_gil;
    daemon = ensure_daemon(folder);
  }
  return place_of(daemon);
}

nb::object find(nb::handle data_dir) {
  const auto daemon = find_daemon(daemon_places(to_path(data_dir)));
  if (!daemon) return nb::none();
  return place_of(*daemon);
}

void start_in_background(nb::handle data_dir) {
  const std::string folder = to_path(data_dir);
  const nb::gil_scoped_release no_gil;
  start_daemon_in_background(folder);
}

}  // namespace

void bind_daemon(nb::module_& module) {
  module.def(
      "set_litmus_executable", [](nb::handle path) { set_litmus_executable(to_path(path)); },
      nb::arg("path"));
  module.def("runtime_folder", [] { return from_path(runtime_folder()); });
  module.def("ensure_daemon", &ensure, nb::arg("data_dir"));
  module.def("find_daemon", &find, nb::arg("data_dir"));
  module.def("start_daemon_in_background", &start_in_background, nb::arg("data_dir"));
}

}  // namespace litmus::python
