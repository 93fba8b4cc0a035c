// SPDX-License-Identifier: Apache-2.0
// Writes docs/reference/queries.md from the catalogue of queries: `query_reference FILE` writes it
// if its content changes, `query_reference --check FILE` only says whether it is up to date.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "index/query_catalogue.h"

namespace {

using namespace litmus;

constexpr std::string_view kHead =
    R"(<!-- Generated from src/index/query_catalogue.cc by the build. -->

# Named queries

What the command line, the Python classes and the C++ classes ask the daemon; any Flight client can ask the same:
`{"query": NAME, "parameters": {…}}` as a ticket ([the Flight service](../formats/flight.md)). Each is one file of SQL in `src/index/sql`, where its
definition and its formulas stand. A parameter that is absent or null has its default; without a default it means no restriction.

| Kind | What it is given as |
|---|---|
| text, texts | a text; a list of texts, any of which will do (a single text too) |
| integer, yes/no | a JSON number; `true` or `false` |
| moment | ISO 8601; a date alone is the whole day in `tz`; without an offset UTC |
| zone | such as `Europe/Berlin` |
| choice, choices | one of the words listed; some of them, or `none` |
| column, columns | of the relation `measurements` |
| column filters | an object: column -> value or list of values |
)";

std::string_view name_of(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kTexts: return "texts";
    case ParameterKind::kText: return "text";
    case ParameterKind::kInteger: return "integer";
    case ParameterKind::kBoolean: return "yes/no";
    case ParameterKind::kMoment: return "moment";
    case ParameterKind::kZone: return "zone";
    case ParameterKind::kChoice: return "choice";
    case ParameterKind::kChoices: return "choices";
    case ParameterKind::kColumn: return "column";
    case ParameterKind::kColumns: return "columns";
    case ParameterKind::kColumnFilters: return "column filters";
  }
  return "";
}

std::string as_code(std::string_view words) {
  std::string code;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    if (!code.empty()) code += ", ";
    code += word.starts_with("...") ? fmt::format("the other columns of `{}`", word.substr(3))
                                    : fmt::format("`{}`", word);
  }
  return code;
}

void append_parameters(std::string& page, std::span<const QueryParameter> parameters) {
  page += "\n| Parameter | Kind | Default | Meaning |\n|---|---|---|---|\n";
  for (const QueryParameter& parameter : parameters) {
    std::string meaning(parameter.meaning);
    if (!parameter.choices.empty()) meaning += ": " + as_code(parameter.choices);
    if (parameter.high > parameter.low && parameter.high < 1'000'000'000) {
      meaning += fmt::format("; {} to {}", parameter.low, parameter.high);
    }
    page += fmt::format("| `{}` | {} | {} | {} |\n", parameter.name, name_of(parameter.kind),
                        parameter.required ? "needed" : as_code(parameter.fallback), meaning);
  }
}

std::string reference_page() {
  std::string page(kHead);
  page += "\n## Filters\n\nQueries that have them say so.\n";
  append_parameters(page, run_filter_parameters());
  for (const QueryDescription& query : query_catalogue()) {
    page += fmt::format("\n## {}\n\n{}.{}{}\n", query.name, query.summary,
                        query.filters ? " Has the filters." : "",
                        query.hides_development
                            ? " Runs of the phase `development` count only when asked for, or when "
                              "nothing else matches; `development_only` then says so."
                            : "");
    if (!query.parameters.empty()) append_parameters(page, query.parameters);
    page += fmt::format("\nColumns: {}.\n", as_code(query.columns));
  }
  return page;
}

std::string content_of(const std::string& path) {
  if (!posix_file_system().exists(path)) return "";
  const auto content = posix_file_system().read(path);
  const Bytes bytes = content->bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void write(const std::string& path, const std::string& page) {
  posix_file_system().remove(path);
  const auto file = posix_file_system().open_for_append(path, FileSystem::Create::kNew);
  file->append({reinterpret_cast<const std::uint8_t*>(page.data()), page.size()});
  file->close();
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words, words + count);
  try {
    const bool only_check = arguments.at(1) == "--check";
    const std::string& path = arguments.back();
    const std::string page = reference_page();
    if (content_of(path) == page) return 0;
    if (!only_check) {
      write(path, page);
      return 0;
    }
    std::fprintf(stderr, "%s: not up to date, run `make build` and commit it\n", path.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "query_reference: %s\n", error.what());
  }
  return 1;
}
