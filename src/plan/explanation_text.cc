// SPDX-License-Identifier: Apache-2.0
#include "plan/explanation_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/config_file.h"
#include "plan/conditions.h"
#include "plan/entity_files.h"

namespace litmus {
namespace {

constexpr std::size_t kMostCases = 12;

std::string text_at(const ValueMap& map, std::string_view key) {
  return find_text(map, key).value_or("");
}

template <class Show>
void each(const ValueMap& map, std::string_view key, Show show) {
  const ValueList* list = find_list(map, key);
  if (list == nullptr) return;
  for (const Value& value : *list) {
    if (const auto* entry = value.get_if<ValueMap>()) show(*entry);
  }
}

class Text {
 public:
  void heading(const std::string& text) { out_ += text + "\n"; }
  void line(std::string_view what, const std::string& text, const std::string& source) {
    out_ += fmt::format("  {:<12} {}\n  {:<12}   from {}\n", what, text, "", source);
  }
  void nothing(std::string_view what) { out_ += fmt::format("  {:<12} none\n", what); }
  void detail(const std::string& text) { out_ += fmt::format("  {:<12}   {}\n", "", text); }
  void problem(const std::string& text) { out_ += "  error        " + text + "\n"; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

std::string case_text(const ValueMap& one) {
  const auto missing = find_text(one, "missing");
  return missing ? "none: " + *missing : text_at(one, "limit");
}

void show_limit(const ValueMap& limit, Text& text) {
  const ValueList* cases = find_list(limit, "cases");
  const bool is_one = cases != nullptr && cases->size() == 1;
  const std::string name = text_at(limit, "name");
  const auto& first = std::get<ValueMap>(cases->front().data());
  text.line("limit", is_one ? fmt::format("{}: {}", name, case_text(first)) : name,
            is_one ? find_text(first, "source").value_or(text_at(limit, "source"))
                   : text_at(limit, "source"));
  if (!is_one) {
    for (std::size_t i = 0; i < std::min(cases->size(), kMostCases); ++i) {
      const auto& one = std::get<ValueMap>((*cases)[i].data());
      const auto source = find_text(one, "source");
      text.detail(fmt::format("{}: {}{}", shown(*find_map(one, "parameters")), case_text(one),
                              source ? " (" + *source + ")" : ""));
    }
    if (cases->size() > kMostCases) {
      text.detail(fmt::format("... and {} more cases", cases->size() - kMostCases));
    }
  } else if (const auto spec = find_text(first, "spec_ref")) {
    text.detail("specified in " + *spec);
  }
  if (const ValueList* replaced = find_list(limit, "replaces")) {
    for (const Value& place : *replaced) text.detail("in place of " + shown(place));
  }
}

void show_planned(const ValueMap& test, std::string_view key, Text& text) {
  if (const ValueMap* planned = find_map(test, key)) {
    text.line(key, shown(*planned->find("value")), text_at(*planned, "source"));
  }
}

void show_test(const ValueMap& test, Text& text) {
  text.heading(find_text(test, "node_id").value_or(text_at(test, "test")));
  each(test, "limits", [&](const ValueMap& limit) { show_limit(limit, text); });
  each(test, "sweeps", [&](const ValueMap& sweep) {
    std::string arguments;
    for (const auto& [name, values] : *find_map(sweep, "arguments")) {
      arguments += fmt::format("{}{} = {}", arguments.empty() ? "" : ", ", name, shown(values));
    }
    text.line("sweep", fmt::format("{} ({})", arguments, text_at(sweep, "level")),
              text_at(sweep, "source"));
  });
  each(test, "mocks", [&](const ValueMap& mock) {
    text.line("mock",
              fmt::format("{} ({})", text_at(mock, "target"), shown(*find_map(mock, "keywords"))),
              text_at(mock, "source"));
  });
  show_planned(test, "characteristics", text);
  show_planned(test, "connections", text);
  each(test, "wiring", [&](const ValueMap& connection) {
    text.detail(fmt::format("{}: {} -> {} {}", text_at(connection, "name"),
                            find_text(connection, "dut_pin").value_or("no pin"),
                            text_at(connection, "instrument"),
                            text_at(connection, "instrument_channel")));
  });
  show_planned(test, "retry", text);
  each(test, "prompts", [&](const ValueMap& prompt) {
    const ValueMap* value = find_map(prompt, "value");
    text.line("prompt", fmt::format("{}: {}", text_at(prompt, "name"), text_at(*value, "message")),
              text_at(prompt, "source"));
  });
  each(test, "markers", [&](const ValueMap& marker) {
    text.line("marker",
              fmt::format("{}: {}", text_at(marker, "name"), shown(*marker.find("value"))),
              text_at(marker, "source"));
  });
  if (const ValueList* problems = find_list(test, "problems")) {
    for (const Value& problem : *problems) text.problem(shown(problem));
  }
}

}  // namespace

std::string explanation_text(const ValueMap& explanation) {
  Text text;
  each(explanation, "tests", [&](const ValueMap& test) {
    show_test(test, text);
    text.heading("");
  });
  if (find_list(explanation, "selections") != nullptr) text.heading("session");
  for (const char* what : {"station", "product", "fixture", "profile"}) {
    bool is_there = false;
    each(explanation, "selections", [&](const ValueMap& selection) {
      if (text_at(selection, "what") != what) return;
      text.line(what,
                fmt::format("{} ({})", text_at(selection, "id"), text_at(selection, "reason")),
                text_at(selection, "place"));
      is_there = true;
    });
    if (!is_there) text.nothing(what);
  }
  if (const ValueList* problems = find_list(explanation, "problems")) {
    for (const Value& problem : *problems) text.problem(shown(problem));
  }
  return text.take();
}

bool has_problems(const ValueMap& explanation) {
  const ValueList* own = find_list(explanation, "problems");
  bool found = own != nullptr && !own->empty();
  each(explanation, "tests", [&](const ValueMap& test) {
    const ValueList* problems = find_list(test, "problems");
    found = found || (problems != nullptr && !problems->empty());
  });
  return found;
}

}  // namespace litmus
