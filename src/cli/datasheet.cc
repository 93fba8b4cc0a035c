// SPDX-License-Identifier: Apache-2.0
#include "cli/datasheet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "config/config_file.h"
#include "report/number_format.h"

namespace litmus {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{0}</title><style>
body {{ font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }}
th {{ background: #f4f4f4; }} h2 {{ margin-top: 2rem; }} h3 small {{ font-weight: normal; color: #666; }}
@media print {{ body {{ margin: 0; max-width: none; }} table {{ break-inside: avoid; }} }}
</style></head><body>
<h1>{0}</h1>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out;
}

const ValueMap& map_in(const ValueMap& map, std::string_view key) {
  static const ValueMap kNone;
  const Value* value = map.find(key);
  const auto* found = value == nullptr ? nullptr : value->get_if<ValueMap>();
  return found == nullptr ? kNone : *found;
}

const ValueList& list_in(const ValueMap& map, std::string_view key) {
  static const ValueList kNone;
  const Value* value = map.find(key);
  const auto* found = value == nullptr ? nullptr : value->get_if<ValueList>();
  return found == nullptr ? kNone : *found;
}

std::string text_of(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* number = value.get_if<double>()) return exact_number(*number);
  if (const auto* list = value.get_if<ValueList>()) {
    std::vector<std::string> texts;
    for (const Value& item : *list) texts.push_back(text_of(item));
    return fmt::format("{}", fmt::join(texts, ", "));
  }
  std::string json;
  JsonWriter(json).value(value);
  return json;
}

std::string text_in(const ValueMap& map, std::string_view key) {
  const Value* value = map.find(key);
  return value == nullptr || value->is_null() ? "" : text_of(*value);
}

std::string with_units(std::string text, const std::string& units) {
  return text.empty() || units.empty() ? text : std::move(text) + ' ' + units;
}

std::string range_text(const ValueMap& range) {
  const std::string least = text_in(range, "min");
  const std::string most = text_in(range, "max");
  std::string text = least.empty()  ? (most.empty() ? "" : "up to " + most)
                     : most.empty() ? "from " + least
                                    : least + " … " + most;
  return with_units(std::move(text), text_in(range, "units"));
}

using Named = std::pair<const char*, const char*>;  // a key, and what it is called
constexpr std::array kShares{Named{"pct_reading", "reading"}, Named{"pct_range", "range"}};
constexpr std::array kMaps{Named{"signals", "signal"}, Named{"conditions", "condition"},
                           Named{"controls", "control"}, Named{"attributes", "attribute"}};
constexpr std::array kFacts{Named{"manufacturer", "Manufacturer"},
                            Named{"model", "Model"},
                            Named{"type", "Type"},
                            Named{"form_factor", "Form factor"},
                            Named{"interfaces", "Interfaces"},
                            Named{"driver", "Driver"},
                            Named{"id", "Catalog id"}};

std::string accuracy_text(const ValueMap& accuracy) {
  std::vector<std::string> parts;
  for (const auto& [key, of] : kShares) {
    const std::string percent = text_in(accuracy, key);
    if (!percent.empty()) parts.push_back(fmt::format("{} % of {}", percent, of));
  }
  const std::string absolute =
      with_units(text_in(accuracy, "absolute"), text_in(accuracy, "units"));
  if (!absolute.empty()) parts.push_back(absolute);
  return parts.empty() ? "" : fmt::format("± ({})", fmt::join(parts, " + "));
}

std::string resolution_text(const ValueMap& resolution) {
  std::vector<std::string> parts;
  for (const char* key : {"bits", "digits"}) {
    const std::string count = text_in(resolution, key);
    if (!count.empty()) parts.push_back(count + ' ' + key);
  }
  const std::string value = with_units(text_in(resolution, "value"), text_in(resolution, "units"));
  if (!value.empty()) parts.push_back(value);
  return fmt::format("{}", fmt::join(parts, ", "));
}

// The conditions of a band: `frequency 10 … 1000 Hz, nplc 1, 10`.
std::string when_text(const ValueMap& when) {
  std::vector<std::string> parts;
  for (const auto& [name, condition] : when) {
    const auto* map = condition.get_if<ValueMap>();
    std::string text = map == nullptr ? text_of(condition) : range_text(*map);
    if (map != nullptr && text.empty()) {
      text = text_in(*map, map->find("values") != nullptr ? "values" : "value");
    }
    parts.push_back(fmt::format("{} {}", name, text));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string value_text(const ValueMap& parameter) {
  std::string text = text_in(parameter, "value");
  if (text.empty()) text = text_in(parameter, "options");
  text = with_units(std::move(text), text_in(parameter, "units"));
  const std::string preset = text_in(parameter, "default");
  return preset.empty() ? text
                        : fmt::format("{}{}default {}", text, text.empty() ? "" : "; ", preset);
}

void append_row(std::string& out, const std::vector<std::string>& cells) {
  out += "<tr>";
  for (const std::string& cell : cells) out += "<td>" + escaped(cell) + "</td>";
  out += "</tr>\n";
}

void append_parameter(std::string& out, const std::string& kind, const std::string& name,
                      const ValueMap& parameter, const std::string& when) {
  append_row(out,
             {kind, name, when, range_text(map_in(parameter, "range")), value_text(parameter),
              accuracy_text(map_in(parameter, "accuracy")),
              resolution_text(map_in(parameter, "resolution")), text_in(parameter, "qualifier")});
}

void append_capability(std::string& out, const ValueMap& capability) {
  const std::string channels = text_in(capability, "channels");
  out += fmt::format("<h3>{} <small>{}{}</small></h3>\n", escaped(text_in(capability, "function")),
                     escaped(text_in(capability, "direction")),
                     channels.empty() ? "" : ", channels " + escaped(channels));
  out +=
      "<table><tr><th>Kind</th><th>Name</th><th>When</th><th>Range</th><th>Value</th>"
      "<th>Accuracy</th><th>Resolution</th><th>Qualifier</th></tr>\n";
  const auto append_bands = [&](const ValueMap& of, const char* kind, const std::string& name) {
    for (const Value& item : list_in(of, "bands")) {
      const auto* band = item.get_if<ValueMap>();
      if (band == nullptr) continue;
      append_parameter(out, kind, name, *band, when_text(map_in(*band, "when")));
    }
  };
  for (const auto& [key, kind] : kMaps) {
    for (const auto& [name, value] : map_in(capability, key)) {
      const auto* parameter = value.get_if<ValueMap>();
      if (parameter == nullptr) continue;
      append_parameter(out, kind, name, *parameter, "");
      append_bands(*parameter, kind, name);
    }
  }
  append_bands(capability, "all", text_in(capability, "function"));
  out += "</table>\n";
}

void append_facts(std::string& out, const ValueMap& model) {
  out += "<table>\n";
  for (const auto& [key, title] : kFacts) {
    const std::string text = text_in(model, key);
    if (!text.empty()) append_row(out, {title, text});
  }
  for (const auto& [name, value] : map_in(model, "attributes")) {
    const auto* attribute = value.get_if<ValueMap>();
    const std::string range = attribute == nullptr ? "" : range_text(map_in(*attribute, "range"));
    append_row(out, {name, attribute == nullptr ? text_of(value)
                           : range.empty()      ? value_text(*attribute)
                                                : range});
  }
  out += "</table>\n";
}

void append_channels(std::string& out, const ValueMap& channels) {
  if (channels.empty()) return;
  out +=
      "<h2>Channels</h2>\n<table><tr><th>Channel</th><th>Label</th><th>Terminals</th>"
      "<th>Connector</th><th>Ground</th></tr>\n";
  for (const auto& [name, value] : channels) {
    const auto* channel = value.get_if<ValueMap>();
    if (channel == nullptr) continue;
    append_row(out, {name, text_in(*channel, "label"), text_in(*channel, "terminals"),
                     text_in(*channel, "connector"),
                     channel->find("ground") == nullptr ? "shared" : text_in(*channel, "ground")});
  }
  out += "</table>\n";
}

}  // namespace

std::string datasheet_html(const ValueMap& model) {
  std::string out = fmt::format(kHead, escaped(text_in(model, "name")));
  const std::string description = text_in(model, "description");
  if (!description.empty()) out += "<p>" + escaped(description) + "</p>\n";
  append_facts(out, model);
  append_channels(out, map_in(model, "channels"));
  if (!list_in(model, "capabilities").empty()) out += "<h2>Capabilities</h2>\n";
  for (const Value& item : list_in(model, "capabilities")) {
    if (const auto* capability = item.get_if<ValueMap>()) append_capability(out, *capability);
  }
  return out + "</body></html>\n";
}

}  // namespace litmus
