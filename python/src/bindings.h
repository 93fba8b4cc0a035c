// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace litmus::python {

namespace nb = nanobind;

// Each adds its part to the module; the types and texts for users are in python/litmus.
void bind_errors();
void bind_problems(nb::module_& module);
void bind_judgement(nb::module_& module);
void bind_event_log(nb::module_& module);
void bind_event_file(nb::module_& module);
void bind_recorders(nb::module_& module);
void bind_results(nb::module_& module);
void bind_channels(nb::module_& module);
void bind_data_dir(nb::module_& module);
void bind_daemon(nb::module_& module);
void bind_config(nb::module_& module);
void bind_config_store(nb::module_& module);
void bind_plan(nb::module_& module);
void bind_resource_lock(nb::module_& module);
void bind_session_files(nb::module_& module);

}  // namespace litmus::python
