// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/did_you_mean.h"
#include "base/json_writer.h"
#include "index/query_catalogue.h"
#include "index/sql_text.h"
#include "litmus/error.h"
#include "litmus/time.h"

namespace litmus {
namespace {

using enum ParameterKind;

// What a facet shows, and the filter that it is.
struct Facet {
  std::string_view column;
  std::string_view parameter;
  std::string_view shown = {};  // the column with its values, where it is another
};
constexpr std::array kFacets = {
    Facet{"run_outcome", "outcome"},
    Facet{"measurement_outcome", "measurement_outcome"},
    Facet{"limit_comparator", "comparator"},
    Facet{"product_id", "product", "product"},
    Facet{"product", "product"},
    Facet{"station_id", "station", "station"},
    Facet{"station", "station"},
    Facet{"test_phase", "phase"},
    Facet{"phase", "phase"},
    Facet{"step_name", "step"},
    Facet{"measurement_name", "measurement"},
    Facet{"dut_serial", "serial"},
    Facet{"dut_lot_number", "lot"},
    Facet{"project_name", "project"},
    Facet{"operator_id", "operator"},
    Facet{"characteristic_id", "characteristic"},
};

const Facet* facet_of(std::string_view column) {
  const auto* facet = std::ranges::find(kFacets, column, &Facet::column);
  return facet != kFacets.end() ? facet : nullptr;
}

std::string suggestion(std::string_view typed, const std::vector<std::string>& known) {
  const auto word = closest_word(typed, known);
  return word ? fmt::format(" (did you mean {}?)", *word) : "";
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) list.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

std::string to_json(const Value& value) {
  std::string text;
  JsonWriter(text).value(value);
  return text;
}

// One value, or the values of a list.
ValueList items(const Value& value) {
  if (value.is_null()) return {};
  const auto* list = value.get_if<ValueList>();
  return list != nullptr ? *list : ValueList{value};
}

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_name_character(text[0]) && (text[0] < '0' || text[0] > '9') &&
         std::ranges::all_of(text, [](char c) { return is_name_character(c) || c == '.'; });
}

bool is_zone(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return is_name_character(c) || c == '/' || c == '+' || c == '-'; });
}

// Reads the parameters of one query: values_ is what stands for $name in its SQL, texts_ what
// stands for {name}.
class Preparation {
 public:
  Preparation(const QueryDescription& query, ValueMap given)
      : query_(query), given_(std::move(given)) {
    std::vector<QueryParameter> parameters = query.parameters;
    if (query.filters) {
      const auto filters = run_filter_parameters();
      parameters.insert(parameters.begin(), filters.begin(), filters.end());
    }
    refuse_unknown(parameters);
    leave_out_own_filter();
    for (const QueryParameter& parameter : parameters) read(parameter);
    if (query.filters) apply_phase_rule();
    add_fragments();
  }

  PreparedQuery finish() {
    PreparedQuery prepared;
    prepared.columns = std::move(columns_);
    append(prepared.sql, sql_text(file()));
    for (auto& [name, value] : values_) {
      if (uses(prepared.sql, name)) prepared.values.emplace_back(name, std::move(value));
    }
    return prepared;
  }

 private:
  void refuse_unknown(const std::vector<QueryParameter>& parameters) const {
    std::vector<std::string> known;
    known.reserve(parameters.size());
    for (const QueryParameter& parameter : parameters) known.emplace_back(parameter.name);
    for (const auto& [name, value] : given_) {
      if (holds(known, name)) continue;
      throw Error(Code::kInvalidArgument,
                  fmt::format("query {}: unknown parameter {}{}; expected one of {}", query_.name,
                              name, suggestion(name, known),
                              known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
    }
  }

  // The values of a facet are those under the filters on all other facets.
  void leave_out_own_filter() {
    const Value* column = given_.find("column");
    const Value* exclude_self = given_.find("exclude_self");
    if (query_.name != "measurements.distinct_values" || column == nullptr) return;
    if (exclude_self != nullptr && *exclude_self == Value(false)) return;
    if (column->get_if<std::string>() == nullptr) return;
    const std::string name = *column->get_if<std::string>();  // given_ changes
    if (const Facet* facet = facet_of(name)) given_.set(facet->parameter, Value());
    if (const Value* filters = given_.find("columns");
        filters != nullptr && filters->get_if<ValueMap>() != nullptr) {
      ValueMap others;
      for (const auto& [key, values] : *filters->get_if<ValueMap>()) {
        if (key != name) others.set(key, values);
      }
      given_.set("columns", std::move(others));
    }
  }

  void apply_phase_rule() {
    Value& phase = values_["phase"];
    values_["hide_development"] = query_.hides_development && phase.is_null();
    for (const Value& item : items(Value(phase))) {
      if (item == Value("all")) phase = Value();
    }
  }

  [[noreturn]] void reject(const QueryParameter& parameter, std::string_view expected,
                           const Value& found, std::string_view hint = "") const {
    throw Error(Code::kInvalidArgument,
                fmt::format("query {}: parameter {}: expected {}, found {}{}", query_.name,
                            parameter.name, expected, to_json(found), hint));
  }

  void read(const QueryParameter& parameter) {
    const std::string name(parameter.name);
    const Value* found = given_.find(name);
    const bool absent = found == nullptr || found->is_null() || *found == Value("");
    if (absent && parameter.required) reject(parameter, parameter.meaning, Value());
    const Value value = absent ? fallback(parameter) : *found;
    switch (parameter.kind) {
      case kTexts: values_[name] = texts(parameter, value); return;
      case kText: values_[name] = text(parameter, value, "a text"); return;
      case kInteger: read_integer(parameter, value); return;
      case kBoolean:
        if (value.get_if<bool>() == nullptr) reject(parameter, "true or false", value);
        values_[name] = value;
        if (name == "descending") {
          texts_["direction"] = value == Value(true) ? "DESC" : "ASC";
          texts_["beyond"] = value == Value(true) ? "<" : ">";
        }
        return;
      case kMoment: values_[name] = moment(parameter, value); return;
      case kZone:
        values_[name] = text(parameter, value, "a time zone such as Europe/Berlin");
        if (!is_zone(*value.get_if<std::string>())) {
          reject(parameter, "a time zone such as Europe/Berlin", value);
        }
        return;
      case kChoice: values_[name] = texts_[name] = choice(parameter, value); return;
      case kChoices: read_choices(parameter, value); return;
      case kColumn: texts_[name] = value.is_null() ? "NULL" : column(parameter, value); return;
      case kColumns: read_columns(parameter, value); return;
      case kColumnFilters: read_column_filters(parameter, value); return;
    }
  }

  static Value fallback(const QueryParameter& parameter) {
    if (parameter.fallback.empty()) return {};
    if (parameter.kind == kBoolean) return parameter.fallback == "true";
    if (parameter.kind == kInteger) return std::stoll(std::string(parameter.fallback));
    if (parameter.kind != kChoices) return parameter.fallback;
    ValueList list;
    for (std::string& word : words(parameter.fallback)) list.emplace_back(std::move(word));
    return list;
  }

  Value text(const QueryParameter& parameter, const Value& value, std::string_view expected) const {
    if (!value.is_null() && value.get_if<std::string>() == nullptr) {
      reject(parameter, expected, value);
    }
    return value;
  }

  Value texts(const QueryParameter& parameter, const Value& value) const {
    const bool any = parameter.choices.empty();
    ValueList list;
    for (const Value& item : items(value)) {
      text(parameter, item, "a text or a list of texts");
      if (item == Value("")) continue;  // an option that a script left empty: no restriction
      if (any || is_choice(parameter, item)) {
        list.push_back(item);
      } else if (!query_.has_facets) {
        choice(parameter, item);
      }
    }
    return list.empty() ? Value() : Value(std::move(list));
  }

  void read_integer(const QueryParameter& parameter, const Value& value) {
    const auto* number = value.get_if<std::int64_t>();
    if (!value.is_null() &&
        (number == nullptr || *number < parameter.low || *number > parameter.high)) {
      reject(parameter, fmt::format("an integer from {} to {}", parameter.low, parameter.high),
             value);
    }
    const std::string name(parameter.name);
    values_[name] = value;
    texts_[name] = number != nullptr ? std::to_string(*number) : "NULL";
  }

  // A date stays one: the SQL knows when its day begins and ends.
  Value moment(const QueryParameter& parameter, const Value& value) const {
    constexpr std::string_view kExpected =
        "a date or time such as 2026-03-10 or 2026-03-10T14:30:00+01:00";
    if (text(parameter, value, kExpected).is_null()) return {};
    const std::string& iso = *value.get_if<std::string>();
    constexpr std::size_t kDateLength = 10;
    try {
      const Timestamp time = parse_iso8601(iso.size() == kDateLength ? iso + "T00:00:00Z" : iso);
      return iso.size() == kDateLength ? iso : to_iso8601(time);
    } catch (const Error&) {
      reject(parameter, kExpected, value);
    }
  }

  static bool is_choice(const QueryParameter& parameter, const Value& value) {
    const auto* text = value.get_if<std::string>();
    return text != nullptr && holds(words(parameter.choices), *text);
  }

  std::string choice(const QueryParameter& parameter, const Value& value) const {
    const auto* text = value.get_if<std::string>();
    if (!is_choice(parameter, value)) {
      const std::vector<std::string> choices = words(parameter.choices);
      reject(parameter, fmt::format("one of {}", fmt::join(choices, ", ")), value,
             text != nullptr ? suggestion(*text, choices) : "");
    }
    return *text;
  }

  // $by_product and so on: true for what is chosen.
  void read_choices(const QueryParameter& parameter, const Value& value) {
    const bool none = items(value) == ValueList{"none"};
    std::vector<std::string> chosen;
    if (!none) {
      for (const Value& item : items(value)) chosen.push_back(choice(parameter, item));
    }
    for (const std::string& word : words(parameter.choices)) {
      values_["by_" + word] = holds(chosen, word);
    }
    // The yield over everything is one row: those of periods cannot be added up to it.
    if (none && query_.name == "metrics.summary") values_["period"] = texts_["period"] = "all";
  }

  std::string column(const QueryParameter& parameter, const Value& value) {
    const auto* name = value.get_if<std::string>();
    if (name == nullptr || !is_identifier(*name)) {
      reject(parameter, "the name of a column: letters, digits, _ and dots", value);
    }
    columns_.push_back({.parameter = parameter.name,
                        .name = *name,
                        .is_number = parameter.name == "y",
                        .differs = parameter.kind == kColumns});
    const Facet* facet = facet_of(*name);
    return fmt::format("\"{}\"", facet != nullptr && !facet->shown.empty() ? facet->shown : *name);
  }

  // {conditions}: each column after a comma; {conditions_json}: one text of all.
  void read_columns(const QueryParameter& parameter, const Value& value) {
    std::string columns;
    std::string pairs;
    for (const Value& item : items(value)) {
      const std::string quoted = column(parameter, item);
      columns += ", " + quoted;
      pairs +=
          fmt::format("{}'{}', {}", pairs.empty() ? "" : ", ", *item.get_if<std::string>(), quoted);
    }
    const std::string name(parameter.name);
    texts_[name] = columns;
    texts_[name + "_json"] =
        pairs.empty() ? "NULL::VARCHAR" : fmt::format("json_object({})::VARCHAR", pairs);
  }

  void read_column_filters(const QueryParameter& parameter, const Value& value) {
    const auto* filters = value.get_if<ValueMap>();
    if (filters == nullptr && !value.is_null()) {
      reject(parameter, "an object of columns and their values", value);
    }
    std::string& conditions = texts_["column_filters"];
    if (filters == nullptr) return;
    for (const auto& [name, wanted] : *filters) {
      const std::string quoted = column(parameter, name);
      ValueList list;
      for (const Value& item : items(wanted)) {
        const auto* text = item.get_if<std::string>();
        list.emplace_back(text != nullptr ? *text : to_json(item));
      }
      if (list.empty()) continue;
      const std::string key = fmt::format("column_{}", values_.size());
      conditions += fmt::format(" AND is_one_of({}, ${})", quoted, key);
      values_[key] = std::move(list);
    }
  }

  // For lists: the order of runs, and whether a run has rows to show. For descriptions: how many
  // rows have a value.
  void add_fragments() {
    if (query_.name == "describe") {
      const std::string& relation = texts_.at("relation");
      texts_["filled_rows"] =
          relation == "measurements"
              ? std::string(sql_text("filled_measurements"))
              : fmt::format("SELECT count(*) AS row_count, count(COLUMNS(*)) FROM {}", relation);
    }
    // Else the text of that name.
    if (query_.name == "runs.list" && values_["after"].is_null()) texts_["behind_run"] = "";
    if (const auto period = texts_.find("period"); period != texts_.end()) {
      texts_["period_type"] = period->second == "hour" ? "TIMESTAMPTZ" : "DATE";
    }
    if (query_.name == "steps.list" || query_.name == "measurements.list") {
      texts_["run_order"] = values_["session_id"].is_null()
                                ? "run_started_at DESC, run_id"
                                : "slot_id NULLS FIRST, run_started_at, run_id";
      texts_["has_parts"] = query_.name == "steps.list"
                                ? "num_steps > 0"
                                : "CASE WHEN $name IS NULL AND $step IS NULL THEN num_measurements "
                                  "> 0 ELSE run_key IN (FROM runs_with_named) END";
    }
  }

  // Some questions are answered by one of several queries.
  std::string file() const {
    std::string name(query_.name);
    std::ranges::replace(name, '.', '_');
    if (name == "metrics_pareto") {
      const std::string& lens = texts_.at("group_by");
      if (lens == "step") return "steps_pareto";
      if (lens == "measurement" || lens == "characteristic" || lens == "pin" ||
          lens == "instrument") {
        return "measurements_pareto";
      }
      return "runs_pareto";
    }
    if (name == "metrics_durations") return name + "_of_" + texts_.at("of") + "s";
    if (name == "parametric") {
      const std::string& chart = texts_.at("chart_type");
      return name + (chart == "bar" ? "_bars" : chart == "histogram" ? "_histogram" : "_points");
    }
    return name;
  }

  // {name} is a parameter's text, else the text of the file.
  void append(std::string& sql, std::string_view text) const {
    while (!text.empty()) {
      const std::size_t open = std::min(text.find('{'), text.size());
      sql += text.substr(0, open);
      const std::size_t close = std::min(text.find('}', open), text.size());
      if (open < text.size()) {
        const std::string name(text.substr(open + 1, close - open - 1));
        if (const auto found = texts_.find(name); found != texts_.end()) {
          sql += found->second;
        } else {
          append(sql, sql_text(name));
        }
      }
      text.remove_prefix(std::min(close + 1, text.size()));
    }
  }

  static bool uses(std::string_view sql, std::string_view name) {
    const std::string marked = fmt::format("${}", name);
    for (std::size_t at = sql.find(marked); at != std::string_view::npos;
         at = sql.find(marked, at + 1)) {
      const std::size_t end = at + marked.size();
      if (end == sql.size() || !is_name_character(sql[end])) return true;
    }
    return false;
  }

  const QueryDescription& query_;
  ValueMap given_;
  std::map<std::string, Value> values_;
  std::map<std::string, std::string> texts_;
  std::vector<NamedColumn> columns_;
};

}  // namespace

PreparedQuery prepare_query(std::string_view name, const ValueMap& parameters) {
  const auto catalogue = query_catalogue();
  const auto found = std::ranges::find(catalogue, name, &QueryDescription::name);
  if (found == catalogue.end()) {
    std::vector<std::string> known;
    for (const QueryDescription& query : catalogue) known.emplace_back(query.name);
    throw Error(Code::kInvalidArgument,
                fmt::format("unknown query {}{}; expected one of {}", to_json(Value(name)),
                            suggestion(name, known), fmt::join(known, ", ")));
  }
  return Preparation(*found, parameters).finish();
}

}  // namespace litmus
