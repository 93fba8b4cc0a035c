// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace litmus {

// The same as thin_by_triangles, point by point, for the samples of a capture: at even distances,
// in one piece, more than `most` of them, `most` at least 3. Nothing if one of them is missing.
std::optional<std::vector<std::int64_t>> thin_even_line(std::span<const double> y,
                                                        std::int64_t most);

}  // namespace litmus
