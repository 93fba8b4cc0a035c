// SPDX-License-Identifier: Apache-2.0
#include "project/plan.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

namespace litmus {
namespace {

std::optional<std::string> text_of(const ValueMap& item, std::string_view key) {
  const Value* value = item.find(key);
  const auto* text = value != nullptr ? value->get_if<std::string>() : nullptr;
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

std::optional<std::int64_t> integer_of(const ValueMap& item, std::string_view key) {
  const Value* value = item.find(key);
  const auto* integer = value != nullptr ? value->get_if<std::int64_t>() : nullptr;
  return integer != nullptr ? std::optional(*integer) : std::nullopt;
}

void add_names(std::set<std::string>& names, std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view name = list.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) names.emplace(name);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

// A list, or a text with commas.
std::optional<std::string> markers_of(const ValueMap& item) {
  const Value* markers = item.find("markers");
  if (markers == nullptr || markers->is_null()) return std::nullopt;
  std::set<std::string> names;
  if (const auto* text = markers->get_if<std::string>()) add_names(names, *text);
  if (const auto* list = markers->get_if<ValueList>()) {
    for (const Value& name : *list) {
      if (const auto* text = name.get_if<std::string>()) add_names(names, *text);
    }
  }
  std::string joined;
  for (const std::string& name : names) joined += joined.empty() ? name : "," + name;
  return joined;
}

std::string last_part(const std::string& step_path) {
  return step_path.substr(step_path.rfind('/') + 1);  // npos + 1 is 0
}

PlanItem parse_item(const ValueMap& item) {
  PlanItem result;
  StepColumns& columns = result.columns;
  columns.step_path = text_of(item, "step_path");
  columns.step_class = text_of(item, "class_name");
  columns.step_function = text_of(item, "function");
  columns.step_name = text_of(item, "step_name");
  if (!columns.step_name) columns.step_name = columns.step_function;
  if (!columns.step_name) columns.step_name = columns.step_class;
  if (!columns.step_name) columns.step_name = last_part(columns.step_path.value_or(""));
  // As an executed row has it: without the parameters of the test item.
  columns.step_name->resize(std::min(columns.step_name->find('['), columns.step_name->size()));
  if (!columns.step_path || columns.step_path->empty()) columns.step_path = columns.step_name;
  columns.parent_path = text_of(item, "parent_path");
  if (!columns.parent_path) columns.parent_path = parent_of_path(*columns.step_path);
  columns.step_index = integer_of(item, "step_index");
  columns.vector_index = integer_of(item, "vector_index").value_or(0);
  columns.step_vector_count =
      static_cast<std::int32_t>(integer_of(item, "vector_count_planned").value_or(1));
  columns.step_node_id = text_of(item, "node_id");
  columns.step_module = text_of(item, "module");
  columns.step_file = text_of(item, "file");
  columns.step_markers = markers_of(item);
  if (const Value* inputs = item.find("inputs")) {
    if (const auto* map = inputs->get_if<ValueMap>()) result.inputs = *map;
  }
  return result;
}

}  // namespace

std::string parent_of_path(const std::string& step_path) {
  const std::size_t slash = step_path.rfind('/');
  return slash == std::string::npos ? "" : step_path.substr(0, slash);
}

void Plan::add(const StepsDiscovered& event) {
  for (const ValueMap& map : event.items) {
    PlanItem item = parse_item(map);
    put_containers(item);
    put(std::move(item));
  }
}

void Plan::put(PlanItem item) {
  PlanItem*& place = by_key_[{*item.columns.step_path, *item.columns.vector_index}];
  if (place == nullptr) place = &items_.emplace_back();
  *place = std::move(item);
}

void Plan::put_containers(const PlanItem& child) {
  const std::string& path = *child.columns.parent_path;
  if (path.empty() || find_any_vector(path) != nullptr) return;
  PlanItem container;
  container.implied = true;
  container.columns.step_path = path;
  container.columns.parent_path = parent_of_path(path);
  container.columns.step_name = last_part(path);
  if (child.columns.step_class &&
      container.columns.step_name->ends_with(*child.columns.step_class)) {
    // Where two modules share a class name, the path is `module::Class`.
    container.columns.step_name = container.columns.step_class = child.columns.step_class;
  }
  container.columns.step_module = child.columns.step_module;
  container.columns.step_file = child.columns.step_file;
  container.columns.step_vector_count = 1;
  container.columns.vector_index = 0;
  put_containers(container);
  put(std::move(container));
}

const PlanItem* Plan::find(const std::string& step_path, std::int64_t vector_index) const {
  const auto found = by_key_.find({step_path, vector_index});
  return found == by_key_.end() ? nullptr : found->second;
}

const PlanItem* Plan::find_any_vector(const std::string& step_path) const {
  const auto found = by_key_.lower_bound({step_path, std::numeric_limits<std::int64_t>::min()});
  return found == by_key_.end() || found->first.first != step_path ? nullptr : found->second;
}

}  // namespace litmus
