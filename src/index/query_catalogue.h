// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "litmus/value.h"

namespace litmus {

enum class ParameterKind : std::uint8_t {
  kTexts,          // a text or a list of texts, any of which will do; empty: no restriction; only
                   // those of `choices`, where there are some
  kText,           //
  kInteger,        // low to high
  kBoolean,        //
  kMoment,         // ISO 8601; a date alone is the whole day in `tz`; without offset: UTC
  kZone,           // such as Europe/Berlin
  kChoice,         // one of `choices`
  kChoices,        // some of `choices`, or `none`
  kColumn,         // of the relation `measurements`
  kColumns,        // some of them
  kColumnFilters,  // a map: column -> value or list of values
};

struct QueryParameter {
  std::string_view name;
  ParameterKind kind;
  std::string_view meaning;
  std::string_view fallback = {};  // as text, words separated by spaces; empty: not set
  std::string_view choices = {};   // words separated by spaces
  std::int64_t low = 0;
  std::int64_t high = 0;
  bool required = false;
};

// One of the named queries. Its SQL is sql/{name with _ for .}.sql.
struct QueryDescription {
  std::string_view name;
  std::string_view summary;
  bool filters = false;            // has run_filter_parameters() too
  bool hides_development = false;  // a metric: phase `development` only when asked for
  bool has_facets = false;         // values that are none of a filter's choices are dropped
  std::vector<QueryParameter> parameters = {};
  // Of the result, separated by spaces; at last `...` and a relation whose other columns follow.
  // Where it depends on a parameter: of the answer without any.
  std::string_view columns = {};
};

std::span<const QueryDescription> query_catalogue();
std::span<const QueryParameter> run_filter_parameters();

// A column that a question names. Which ones there are only the index knows.
struct NamedColumn {
  std::string_view parameter;
  std::string name;
  bool is_number = false;  // it must be one of numbers
  bool differs = false;    // it must be one in which measurements of one run can differ
};

struct PreparedQuery {
  std::string sql;
  std::vector<NamedColumn> columns;
  // For $name in the SQL, all of them: null, boolean, integer, text, or list of texts.
  std::vector<std::pair<std::string, Value>> values;
};

// Error(kInvalidArgument) that names the query, the parameter, what was expected and what was
// found.
PreparedQuery prepare_query(std::string_view name, const ValueMap& parameters);

}  // namespace litmus
