// SPDX-License-Identifier: Apache-2.0
#include "arrow_stream.h"
#include "bindings.h"
#include "litmus/version.h"

NB_MODULE(_core, module) {
  nanobind::set_leak_warnings(false);  // what a program still holds when it ends is no leak
  module.attr("version") = litmus::kVersion;
  litmus::python::bind_errors();
  litmus::python::bind_problems(module);
  litmus::python::bind_judgement(module);
  litmus::python::bind_event_log(module);
  litmus::python::bind_event_file(module);
  litmus::python::bind_recorders(module);
  litmus::python::bind_arrow_rows(module);
  litmus::python::bind_results(module);
  litmus::python::bind_channels(module);
  litmus::python::bind_data_dir(module);
  litmus::python::bind_daemon(module);
  litmus::python::bind_config(module);
  litmus::python::bind_config_store(module);
  litmus::python::bind_plan(module);
  litmus::python::bind_resource_lock(module);
  litmus::python::bind_session_files(module);
}
