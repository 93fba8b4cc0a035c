// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "litmus/events.h"

// Between the dataclasses of litmus.data.events and the C++ events; both are generated from one
// schema, so the fields are visited by name.
namespace litmus::python {

Event to_event(nanobind::handle event);
nanobind::object from_event(const Event& event);

}  // namespace litmus::python
