// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "litmus/value.h"

namespace litmus {

// A model of the catalog as one page of HTML that needs no other file: what it is, its channels,
// and a table of figures for each thing that it can do.
std::string datasheet_html(const ValueMap& model);

}  // namespace litmus
