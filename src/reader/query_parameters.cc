// SPDX-License-Identifier: Apache-2.0
#include "reader/query_parameters.h"

namespace litmus {
namespace {

void set(ValueMap& parameters, const char* name, const std::vector<std::string>& values) {
  if (!values.empty()) parameters.set(name, ValueList(values.begin(), values.end()));
}

void set(ValueMap& parameters, const char* name, const std::optional<std::string>& value) {
  if (value) parameters.set(name, *value);
}

}  // namespace

ValueMap to_parameters(const RunFilter& filter) {
  ValueMap parameters;
  set(parameters, "product", filter.product);
  set(parameters, "station", filter.station);
  set(parameters, "lot", filter.lot);
  set(parameters, "phase", filter.phase);
  set(parameters, "outcome", filter.outcome);
  set(parameters, "serial", filter.serial);
  set(parameters, "project", filter.project);
  set(parameters, "operator", filter.operator_id);
  set(parameters, "since", filter.since);
  set(parameters, "until", filter.until);
  set(parameters, "tz", filter.tz);
  return parameters;
}

ValueMap to_parameters(const RunFilter& filter, const Page& page) {
  ValueMap parameters = to_parameters(filter);
  parameters.set("limit", page.limit.value_or(kNoLimit));
  if (page.offset != 0) parameters.set("offset", page.offset);
  return parameters;
}

}  // namespace litmus
