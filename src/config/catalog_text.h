// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace litmus {

// The text of schema/catalog/{file_stem}.yaml, embedded at build time. Empty if there is none.
std::string_view catalog_text(std::string_view file_stem);

inline constexpr std::array kBuiltInModels{"generic_dmm",          "generic_eload", "generic_fgen",
                                           "generic_oscilloscope", "generic_psu",   "generic_smu"};

}  // namespace litmus
