// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "bindings.h"
#include "model/limits.h"
#include "model/outcome_rollup.h"
#include "scalars.h"

namespace litmus::python {
namespace {

nb::object judge_value(nb::handle value, nb::handle low, nb::handle high, nb::handle nominal,
                       nb::handle comparator) {
  Limits limits;
  limits.low = low.is_none() ? std::nullopt : std::optional(to_number(low));
  limits.high = high.is_none() ? std::nullopt : std::optional(to_number(high));
  if (is_bool(nominal)) {
    limits.nominal_bool = PyObject_IsTrue(nominal.ptr()) == 1;
  } else if (PyUnicode_Check(nominal.ptr())) {
    limits.nominal_text = to_text(nominal);
  } else if (!nominal.is_none()) {
    limits.nominal = to_number(nominal);
  }
  limits.comparator = to_comparator(comparator);
  if (value.is_none()) return from_outcome(judge({}, limits));
  if (is_bool(value)) return from_outcome(judge(PyObject_IsTrue(value.ptr()) == 1, limits));
  if (PyUnicode_Check(value.ptr()))
    return from_outcome(judge(std::string_view(to_text(value)), limits));
  return from_outcome(judge(to_number(value), limits));
}

// Of pairs (node id or None, outcome or None) in the order of execution.
nb::object rollup(nb::handle pairs) {
  std::vector<std::optional<std::string>> node_ids;
  std::vector<Attempt> attempts;
  for (const nb::handle pair : nb::iter(pairs)) {
    node_ids.push_back(to_optional_text(nb::object(pair[0]), "node_id"));
    const nb::object outcome = pair[1];
    Attempt attempt;
    attempt.order = static_cast<std::int64_t>(attempts.size());
    if (!outcome.is_none()) attempt.outcome = to_outcome(outcome);
    attempts.push_back(attempt);
  }
  for (std::size_t i = 0; i < attempts.size(); ++i) attempts[i].node_id = node_ids[i];
  return from_optional_outcome(retry_aware_rollup(attempts));
}

}  // namespace

void bind_judgement(nb::module_& module) {
  module.def("judge", &judge_value, nb::arg("value").none(), nb::arg("low").none(),
             nb::arg("high").none(), nb::arg("nominal").none(), nb::arg("comparator"));
  module.def("is_number", &is_number, nb::arg("value").none());
  module.def("retry_aware_rollup", &rollup, nb::arg("attempts"));
}

}  // namespace litmus::python
