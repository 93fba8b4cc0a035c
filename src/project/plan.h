// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "litmus/events.h"
#include "model/run_columns.h"

namespace litmus {

// A step that a run is about to execute.
struct PlanItem {
  StepColumns columns;
  ValueMap inputs;
  bool implied = false;  // a container that the plan only names as parent of others
};

// The plan of a run: the items of test.steps_discovered in their order, each container before its
// first child. A later item with the same step_path and vector_index replaces an earlier one.
class Plan {
 public:
  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  void add(const StepsDiscovered& event);

  const std::deque<PlanItem>& items() const { return items_; }
  const PlanItem* find(const std::string& step_path, std::int64_t vector_index) const;
  // Any vector of the step: name, source and markers are the same for all.
  const PlanItem* find_any_vector(const std::string& step_path) const;

 private:
  using Key = std::pair<std::string, std::int64_t>;
  void put(PlanItem item);
  void put_containers(const PlanItem& child);

  std::deque<PlanItem> items_;
  std::map<Key, PlanItem*> by_key_;
};

// `a/b` of `a/b/c`; empty at the root.
std::string parent_of_path(const std::string& step_path);

}  // namespace litmus
