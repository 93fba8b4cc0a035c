// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "plan/product.h"

namespace litmus {

// Where the bands of a characteristic do not divide up their conditions: two that fit at once, of
// which the first counts, and parts of a declared range that none is for. Each with its place.
std::vector<std::string> uneven_bands(const Product& product);

}  // namespace litmus
