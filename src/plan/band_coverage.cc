// SPDX-License-Identifier: Apache-2.0
#include "plan/band_coverage.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/entity_files.h"
#include "plan/numbers.h"

namespace litmus {
namespace {

std::vector<std::string> sorted_parameters(const Conditions& conditions) {
  auto names = conditions.parameters();
  std::ranges::sort(names);
  return names;
}

void add_overlaps(const Characteristic& characteristic, std::vector<std::string>& found) {
  const auto& bands = characteristic.bands;
  for (std::size_t later = 1; later < bands.size(); ++later) {
    const auto names = sorted_parameters(bands[later].when);
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      // A band for fewer conditions is meant as what holds otherwise.
      if (sorted_parameters(bands[earlier].when) != names) continue;
      if (!bands[earlier].when.overlaps(bands[later].when)) continue;
      found.push_back(fmt::format("{}: band ({}) overlaps the one at {} ({}), which counts first",
                                  bands[later].source.place(), bands[later].when.text(),
                                  bands[earlier].source.place(), bands[earlier].when.text()));
    }
  }
}

// The range that a condition, control or signal declares.
std::optional<std::pair<double, double>> declared_range(const ValueMap& characteristic,
                                                        const std::string& parameter) {
  for (const char* map_name : {"conditions", "controls", "signals"}) {
    const ValueMap* parameters = find_map(characteristic, map_name);
    const ValueMap* rules = parameters == nullptr ? nullptr : find_map(*parameters, parameter);
    const ValueMap* range = rules == nullptr ? nullptr : find_map(*rules, "range");
    if (range == nullptr) continue;
    const auto least = find_number(*range, "min");
    const auto most = find_number(*range, "max");
    if (least && most) return std::pair(*least, *most);
  }
  return std::nullopt;
}

// Only where every band is for one range of one and the same parameter.
void add_gaps(const Characteristic& characteristic, const ValueMap& written,
              std::vector<std::string>& found) {
  std::vector<std::pair<double, double>> ranges;
  std::string parameter;
  for (const CharacteristicBand& band : characteristic.bands) {
    const auto range = band.when.only_range();
    if (!range) return;
    const std::string name = band.when.parameters().front();
    if (!parameter.empty() && name != parameter) return;
    parameter = name;
    ranges.push_back(*range);
  }
  const auto declared = parameter.empty() ? std::nullopt : declared_range(written, parameter);
  if (!declared) return;
  std::ranges::sort(ranges);
  double covered = declared->first;
  const auto tell = [&](double until) {
    found.push_back(fmt::format("{}: no band of `{}` is for {} {}..{}",
                                characteristic.source.place(), characteristic.id, parameter,
                                covered, until));
  };
  for (const auto& [least, most] : ranges) {
    if (least > covered && !nearly_equal(least, covered)) tell(std::min(least, declared->second));
    covered = std::max(covered, most);
  }
  if (covered < declared->second && !nearly_equal(covered, declared->second))
    tell(declared->second);
}

}  // namespace

std::vector<std::string> uneven_bands(const Product& product) {
  std::vector<std::string> found;
  const ValueMap& written = *find_map(product.record, "characteristics");
  for (const Characteristic& characteristic : product.characteristics) {
    add_overlaps(characteristic, found);
    add_gaps(characteristic, *find_map(written, characteristic.id), found);
  }
  return found;
}

}  // namespace litmus
