// SPDX-License-Identifier: Apache-2.0
#include "scaffold/test_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <string_view>

#include "litmus/error.h"

namespace litmus {
namespace {

struct Call {
  std::string role;
  std::string method;
  std::optional<double> simulated;
};

// The first call whose method begins so, preferably of another role.
template <std::size_t size>
std::optional<Call> find_call(std::vector<TestRole> roles,
                              const std::array<std::string_view, size>& prefixes,
                              std::string_view other_than = {}) {
  std::ranges::stable_partition(
      roles, [other_than](const TestRole& role) { return role.name != other_than; });
  for (const TestRole& role : roles) {
    for (const auto& [method, value] : role.simulated) {
      const bool fits = std::ranges::any_of(
          prefixes, [&](std::string_view prefix) { return method.starts_with(prefix); });
      if (!fits) continue;
      std::optional<double> number;
      if (const auto* real = value.template get_if<double>()) number = *real;
      if (const auto* whole = value.template get_if<std::int64_t>()) {
        number = static_cast<double>(*whole);
      }
      return Call{role.name, method, number};
    }
  }
  return std::nullopt;
}

std::string_view unit_of(std::string_view method) {
  if (method.find("current") != std::string_view::npos) return "A";
  if (method.find("resistance") != std::string_view::npos) return "Ohm";
  if (method.find("frequency") != std::string_view::npos) return "Hz";
  if (method.find("power") != std::string_view::npos) return "W";
  if (method.find("temperature") != std::string_view::npos) return "degC";
  return "V";
}

std::string quantity_of(std::string_view method) {
  return std::string(method.substr(method.find('_') + 1));
}

}  // namespace

std::string test_name(const std::string& given) {
  std::string name = given;
  if (name.ends_with(".py")) name.resize(name.size() - 3);
  if (name.starts_with("test_")) name.erase(0, 5);
  const bool fits = !name.empty() && std::ranges::all_of(name, [](unsigned char letter) {
    return (std::isalnum(letter) != 0 && letter < 128) || letter == '_';
  });
  if (fits) return name;
  throw Error(Code::kInvalidArgument,
              fmt::format("new-test: expected a name of letters, digits and `_`, for example "
                          "`ripple`, found `{}`",
                          given));
}

std::string test_file_text(const std::string& name, const std::vector<TestRole>& roles) {
  const auto set = find_call(roles, std::array<std::string_view, 2>{"set_", "write_"});
  const auto measure = find_call(
      roles, std::array<std::string_view, 5>{"measure_", "read_", "get_", "fetch_", "query_"},
      set ? set->role : "");
  std::string fixtures = "context";
  for (const TestRole& role : roles) fixtures += ", " + role.name;

  const std::string parameter = set ? quantity_of(set->method) : "level";
  const double value = measure ? measure->simulated.value_or(1.0) : 1.0;
  const double margin = value == 0 ? 1 : std::abs(value) * 0.05;
  std::string text = fmt::format("\"\"\"What {} proves.\"\"\"\n\n\n", name);
  text += fmt::format("def test_{}({}, verify):\n", name, fixtures);
  text += "    # Get: what this case asks for; sweeps stand in the YAML file of the same name.\n";
  text += fmt::format("    {0} = context.get_param(\"{0}\", 1.0)\n\n", parameter);
  text += "    # Set: bring the bench there.\n";
  if (set) {
    text += fmt::format("    {}.{}({})\n\n", set->role, set->method, parameter);
  } else {
    text += fmt::format("    context.configure(\"{0}\", {0})\n\n", parameter);
  }
  text += "    # Measure.\n";
  text += measure ? fmt::format("    value = float({}.{}())\n\n", measure->role, measure->method)
                  : "    value = 1.0  # the reading of an instrument\n\n";
  text += "    # Verify: name, units and limits from the specification.\n";
  text += fmt::format("    limit = {{\"low\": {:.6g}, \"high\": {:.6g}, \"units\": \"{}\"}}\n",
                      value - margin, value + margin, measure ? unit_of(measure->method) : "V");
  text += fmt::format("    verify(\"{}\", value, limit=limit)\n", name);
  return text;
}

}  // namespace litmus
