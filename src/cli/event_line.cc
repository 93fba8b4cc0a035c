// SPDX-License-Identifier: Apache-2.0
#include "cli/event_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "litmus/error.h"
#include "litmus/events.h"
#include "model/event_json.h"
#include "model/value_json.h"
#include "report/measurement_text.h"
#include "report/text_width.h"

namespace litmus {
namespace {

constexpr std::size_t kTypeWidth = 22;
constexpr std::size_t kShortIdLength = 8;

// What the line says of an event; the outcome stands first so that it lines up and has its colour.
struct Gist {
  std::string outcome;
  std::string text;
};

std::string outcome_text(const std::optional<Outcome>& outcome) {
  return outcome ? std::string(to_string(*outcome)) : "";
}

std::string place(const std::string& path, const std::string& name, std::int64_t vector) {
  const std::string& step = path.empty() ? name : path;
  return vector == 0 ? step : fmt::format("{} [{}]", step, vector);
}

std::string listed(std::initializer_list<std::pair<const char*, std::string>> facts) {
  std::string out;
  for (const auto& [label, text] : facts) {
    if (!text.empty()) out += fmt::format("{}{}{}", out.empty() ? "" : ", ", label, text);
  }
  return out;
}

Gist gist_of(const SessionStarted& event) {
  return {"", listed({{"", event.session_type},
                      {"by ", event.client},
                      {"station ", event.station_id.value_or("")}})};
}

Gist gist_of(const SessionEnded& event) {
  return {outcome_text(event.outcome), event.reason.value_or("")};
}

Gist gist_of(const RunStarted& event) {
  return {"", listed({{"run ", event.run_id ? event.run_id->to_string().substr(0, 8) : ""},
                      {"serial ", event.dut_serial},
                      {"part ", event.dut_part_number.value_or("")},
                      {"station ", event.station_id.value_or("")},
                      {"project ", event.project_name.value_or("")}})};
}

Gist gist_of(const RunEnded& event) {
  return {
      outcome_text(event.outcome),
      listed({{"run ", event.run_id ? event.run_id->to_string().substr(0, 8) : ""},
              {"", event.reason.value_or("")},
              {"events lost: ", event.events_lost > 0 ? std::to_string(event.events_lost) : ""}})};
}

Gist gist_of(const RunMaterialized& event) { return {"", event.destination}; }

Gist gist_of(const StepStarted& event) {
  std::string text = place(event.step_path, event.step_name, event.vector_index);
  if (!event.inputs.empty()) text += " " + text_of(event.inputs);
  if (event.retry > 0) text += fmt::format(" (attempt {})", event.retry + 1);
  return {"", text};
}

Gist gist_of(const StepEnded& event) {
  std::string text = place(event.step_path, event.step_name, event.vector_index);
  const std::string error =
      listed({{"", event.error_type.value_or("")}, {"", event.error_message.value_or("")}});
  return {outcome_text(event.outcome), error.empty() ? text : text + ": " + error};
}

Gist gist_of(const MeasurementRecorded& event) {
  MeasurementColumns columns;
  columns.measurement_value = event.value;
  columns.measurement_units = event.units;
  columns.measurement_text = event.value_text;
  columns.measurement_bool = event.value_bool;
  columns.limit_low = event.limit_low;
  columns.limit_high = event.limit_high;
  columns.limit_nominal = event.limit_nominal;
  columns.limit_nominal_text = event.limit_nominal_text;
  columns.limit_nominal_bool = event.limit_nominal_bool;
  if (event.limit_comparator)
    columns.limit_comparator = std::string(to_string(*event.limit_comparator));
  const MeasurementText text = text_of(columns);
  return {outcome_text(event.outcome),
          fmt::format("{} {} = {}{}", place(event.step_path, event.step_name, event.vector_index),
                      event.measurement_name, text.value,
                      text.limits.empty() ? "" : fmt::format("  ({})", text.limits))};
}

// Any other event: its own fields.
Gist gist_of(const std::string& json) {
  static constexpr std::array kEnvelope{"id",          "event_type", "occurred_at",
                                        "received_at", "session_id", "run_id"};
  const Value value = parse_value(json);
  ValueMap fields;
  for (const auto& [key, field] : *value.get_if<ValueMap>()) {
    if (std::ranges::find(kEnvelope, key) == kEnvelope.end()) fields.set(key, field);
  }
  return {"", text_of(fields)};
}

template <class E>
concept HasGist = requires(const E& event) { gist_of(event); };

Gist gist_of(const Event& event, const std::string& json) {
  return std::visit(
      [&](const auto& known) {
        if constexpr (HasGist<std::remove_cvref_t<decltype(known)>>) {
          return gist_of(known);
        } else {
          return gist_of(json);
        }
      },
      event);
}

Gist gist_of(const ListedEvent& event) {
  try {
    return gist_of(parse_event(event.json), event.json);
  } catch (const Error&) {  // the bytes are as written, but by whom?
    return {"", event.json};
  }
}

std::string time_text(const Canvas& canvas, Timestamp time) {
  std::string text = format_time(canvas, time);
  const bool has_zone = text.ends_with('Z');
  if (has_zone) text.pop_back();
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  return fmt::format("{}.{:03}{}", text, milliseconds, has_zone ? "Z" : "");
}

}  // namespace

void append_event_line(std::string& out, const Canvas& canvas, const ListedEvent& event) {
  const Gist gist = gist_of(event);
  const std::string time = time_text(canvas, event.received_at);
  const std::string session = event.session_id.substr(0, kShortIdLength);
  append_styled(out, canvas, Style::kDim, time + "  " + session + "  ");
  std::string type = printable(event.event_type);
  type.resize(std::max(type.size(), kTypeWidth), ' ');
  out += type + "  ";
  std::size_t used = time.size() + session.size() + type.size() + 6;
  if (!gist.outcome.empty()) {
    append_styled(out, canvas, style_of_outcome(gist.outcome), gist.outcome);
    out += "  ";
    used += gist.outcome.size() + 2;
  }
  const std::string text = printable(gist.text);
  out += canvas.width ? cut_to_width(text, *canvas.width - std::min(*canvas.width, used)) : text;
  while (out.ends_with(' ')) out.pop_back();
  out += '\n';
}

}  // namespace litmus
