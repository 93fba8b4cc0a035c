// SPDX-License-Identifier: Apache-2.0
#include "report/report_terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "report/measurement_text.h"
#include "report/number_format.h"
#include "report/text_width.h"

namespace litmus {
namespace {

constexpr std::size_t kLabelWidth = 15;
constexpr int kErrorLinesShown = 6;
// What stands for an outcome that is not there.
std::string missing_outcome(const RunReport& report) {
  return report.is_running ? "running" : "unfinished";
}
std::string missing_outcome(const RunReport& report, const ReportedStep& step) {
  if (!step.never_ran) return missing_outcome(report);
  return report.is_running ? "waiting" : "never_ran";
}

// `n (2 failed, 1 errored)`: what is zero is left out, but for the first word.
std::string count_text(std::int64_t total,
                       std::initializer_list<std::pair<std::int64_t, const char*>> parts) {
  std::string details;
  for (const auto& [count, word] : parts) {
    if (count == 0) continue;
    details += fmt::format("{}{} {}", details.empty() ? "" : ", ", count, word);
  }
  return details.empty() ? std::to_string(total) : fmt::format("{} ({})", total, details);
}

// The texts that are there, joined.
std::string joined(
    std::initializer_list<std::pair<const char*, std::optional<std::string>>> parts) {
  std::string out;
  for (const auto& [label, text] : parts) {
    if (!text || text->empty()) continue;
    out += out.empty() ? "" : ", ";
    out += label + *text;
  }
  return out;
}

std::string with_details(const std::optional<std::string>& main, const std::string& details) {
  const std::string text = main && !main->empty() ? *main : "—";
  return details.empty() ? text : fmt::format("{} ({})", text, details);
}

std::optional<double> duration(const std::optional<Timestamp>& begin,
                               const std::optional<Timestamp>& end) {
  if (!begin || !end) return std::nullopt;
  return std::chrono::duration<double>(*end - *begin).count();
}

class Header {
 public:
  Header(std::string& out, const Canvas& canvas) : out_(out), canvas_(canvas) {}

  void line(std::string_view label, std::string_view text, Style style = Style::kPlain) {
    std::string padded = fmt::format("{}:", label);
    padded.resize(std::max(padded.size() + 1, kLabelWidth), ' ');
    append_styled(out_, canvas_, Style::kDim, padded);
    const std::string clean = printable(text);
    append_styled(out_, canvas_, style,
                  canvas_.width
                      ? cut_to_width(clean, *canvas_.width - std::min(*canvas_.width, kLabelWidth))
                      : clean);
    out_ += '\n';
  }

 private:
  std::string& out_;
  const Canvas& canvas_;
};

void append_header(std::string& out, const Canvas& canvas, const RunReport& report) {
  const RunColumns& run = report.run;
  const auto time_text = [&](const std::optional<Timestamp>& time) {
    return time ? format_time(canvas, *time) : "—";
  };
  Header header(out, canvas);
  header.line("Test Run", run.run_id.value_or("—"), Style::kBold);
  header.line("DUT Serial", with_details(run.dut_serial, joined({{"part ", run.dut_part_number},
                                                                 {"revision ", run.dut_revision},
                                                                 {"lot ", run.dut_lot_number}})));
  if (run.product_id || run.product_name) {
    header.line("Product", with_details(run.product_name ? run.product_name : run.product_id,
                                        joined({{"revision ", run.product_revision}})));
  }
  header.line("Station",
              with_details(run.station_id ? run.station_id : run.station_hostname,
                           joined({{"", run.station_name}, {"", run.station_location}})));
  const std::pair<const char*, const std::optional<std::string>&> further[]{
      {"Slot", run.slot_id},
      {"Project", run.project_name},
      {"Phase", run.test_phase},
      {"Operator", run.operator_name ? run.operator_name : run.operator_id}};
  for (const auto& [label, text] : further) {
    if (text && !text->empty()) header.line(label, *text);
  }
  const std::string outcome = run.run_outcome.value_or(missing_outcome(report));
  header.line("Outcome", outcome, style_of_outcome(outcome));
  header.line("Started", time_text(run.run_started_at));
  const auto seconds = duration(run.run_started_at, run.run_ended_at);
  header.line("Ended", time_text(run.run_ended_at) +
                           (seconds ? fmt::format(" ({})", format_duration(*seconds)) : ""));

  const auto steps_with = [&](std::string_view outcome_word) {
    return std::ranges::count_if(report.steps, [&](const ReportedStep& step) {
      return step.step.step_outcome == outcome_word;
    });
  };
  header.line("Steps", count_text(static_cast<std::int64_t>(report.steps.size()),
                                  {{steps_with("failed"), "failed"},
                                   {steps_with("errored"), "errored"},
                                   {steps_with("skipped"), "skipped"},
                                   {std::ranges::count_if(report.steps, &ReportedStep::never_ran),
                                    report.is_running ? "waiting" : "never ran"}}));
  const MeasurementCounts counts = report.counts();
  std::string text = fmt::format("{} ({} failed", counts.total, counts.failed);
  text += counts.errored > 0 ? fmt::format(", {} errored)", counts.errored) : ")";
  header.line("Measurements", text);
  if (run.events_lost.value_or(0) > 0) {
    header.line("Events lost", fmt::format("{}: this run is not complete", *run.events_lost),
                Style::kWarning);
  }
}

// Steps below the one before them are indented; others are shown with their whole path.
class StepNames {
 public:
  explicit StepNames(const std::vector<ReportedStep>& steps) {
    for (const ReportedStep& step : steps) ++vectors_[step.step.step_path.value_or("")];
  }

  std::string next(const ReportedStep& row) {
    const std::string path = row.step.step_path.value_or("");
    const std::string parent = row.step.parent_path.value_or("");
    while (!open_.empty() && open_.back() != parent) open_.pop_back();
    const bool nested = !open_.empty();
    std::string name = std::string(2 * open_.size(), ' ');
    name += nested || parent.empty() ? row.step.step_name.value_or(path) : path;
    if (vectors_[path] > 1) name += fmt::format(" [{}]", row.step.vector_index.value_or(0));
    if (row.step.step_attempts.value_or(1) > 1) {
      name += fmt::format(" ({} attempts)", *row.step.step_attempts);
    }
    open_.push_back(path);
    return name;
  }

 private:
  std::map<std::string, int> vectors_;
  std::vector<std::string> open_;
};

void add_error(TextTable& table, const StepColumns& step) {
  const std::string type = step.error_type.value_or("");
  const std::string message = step.error_message.value_or("");
  if (type.empty() && message.empty()) return;
  const Style style = step.step_outcome == "skipped" ? Style::kDim : Style::kBad;
  std::string text = type.empty() || message.empty() ? type + message : type + ": " + message;
  for (int line = 0; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (line == kErrorLinesShown) {
      table.add_note(1, "  …", style);
      return;
    }
    table.add_note(1, "  " + text.substr(0, end), style);
    text.erase(0, end + 1);
  }
}

std::string location_of(const StepColumns& step) {
  if (!step.step_file || step.step_file->empty()) return step.step_function.value_or("");
  return step.step_function ? *step.step_file + "::" + *step.step_function : *step.step_file;
}

void append_steps(std::string& out, const Canvas& canvas, const RunReport& report) {
  const bool swept = std::ranges::any_of(
      report.steps, [](const ReportedStep& step) { return !step.inputs.empty(); });
  std::vector<TextTable::Column> columns{
      {"#", true}, {"Step", false, 16}, {"Outcome"}, {"Meas", true}, {"Duration", true}};
  if (swept) columns.push_back({"Conditions", false, 10, 2});
  columns.push_back({"Location", false, 16, 3});
  TextTable table(columns);
  StepNames names(report.steps);
  for (const ReportedStep& row : report.steps) {
    const std::string outcome = row.step.step_outcome.value_or(missing_outcome(report, row));
    const Style style = style_of_outcome(outcome);
    const auto seconds = duration(row.attempt.step_started_at, row.attempt.step_ended_at);
    std::vector<TextTable::Cell> cells{
        {fmt::format("{}.", row.step.step_index.value_or(0))},
        {names.next(row), style == Style::kBad ? style : Style::kPlain},
        {outcome, style},
        {row.measurements == 0 ? "" : std::to_string(row.measurements)},
        {seconds ? format_duration(*seconds) : ""}};
    if (swept) cells.push_back({text_of(row.inputs)});
    cells.push_back({location_of(row.step), Style::kDim});
    table.add_row(std::move(cells));
    add_error(table, row.step);
  }
  out += "\nStep Results:\n";
  table.append_to(out, canvas);
}

void append_measurements(std::string& out, const Canvas& canvas, const RunReport& report) {
  if (report.measurements.empty()) return;
  const bool swept = std::ranges::any_of(
      report.measurements, [](const ReportedMeasurement& row) { return !row.inputs.empty(); });
  std::set<std::string> swept_steps;
  for (const ReportedMeasurement& row : report.measurements) {
    if (row.step.vector_index.value_or(0) > 0) swept_steps.insert(row.step.step_path.value_or(""));
  }

  std::vector<TextTable::Column> columns{{""},
                                         {"Step", false, 12},
                                         {"Measurement", false, 14},
                                         {"Value", true, 12},
                                         {"Limits", false, 14},
                                         {"Outcome"}};
  if (swept) columns.push_back({"Conditions", false, 10, 1});
  TextTable table(columns);
  std::string previous;
  for (const ReportedMeasurement& row : report.measurements) {
    const std::string outcome = row.measurement.measurement_outcome.value_or("");
    const Style style = row.superseded() ? Style::kDim : style_of_outcome(outcome);
    const bool bad = style == Style::kBad;
    const Style text_style = bad || row.superseded() ? style : Style::kPlain;
    std::string step = row.step.step_path.value_or("");
    if (swept_steps.contains(step)) {
      step += fmt::format(" [{}]", row.step.vector_index.value_or(0));
    }
    std::string name = row.measurement.measurement_name.value_or("");
    if (row.attempts > 1) {
      name += fmt::format(" (attempt {})", row.attempt.vector_retry.value_or(0) + 1);
    }
    const MeasurementText text = text_of(row.measurement);
    // People see where the next step begins; programs get every line whole.
    const bool repeated = canvas.width && step == previous;
    std::vector<TextTable::Cell> cells{{bad ? "✗" : "", style},
                                       {repeated ? "" : step},
                                       {name, text_style},
                                       {text.value, text_style},
                                       {text.limits, row.superseded() ? style : Style::kPlain},
                                       {outcome, style}};
    if (swept) cells.push_back({text_of(row.inputs)});
    table.add_row(std::move(cells));
    previous = step;
  }
  out += "\nMeasurements:\n";
  table.append_to(out, canvas);
}

std::string environment_text(const Value& environment, std::string_view key) {
  const auto* map = environment.get_if<ValueMap>();
  const Value* value = map == nullptr ? nullptr : map->find(key);
  const std::string text = value == nullptr || value->is_null() ? "" : text_of(*value);
  return text.empty() ? "—" : text;
}

}  // namespace

std::string to_terminal(const RunReport& report, const Canvas& canvas) {
  std::string out;
  append_header(out, canvas, report);
  if (!report.steps.empty()) append_steps(out, canvas, report);
  append_measurements(out, canvas, report);
  return out;
}

std::string environment_to_terminal(const RunReport& report, const Canvas& canvas) {
  std::string out;
  append_header(out, canvas, report);
  out += "\nEnvironment:\n";
  const auto* map = report.environment.get_if<ValueMap>();
  if (map == nullptr || map->empty()) {
    out += "The environment of this run was not captured.\n";
    return out;
  }
  const auto text = [&](const char* key) { return environment_text(report.environment, key); };
  Header header(out, canvas);
  header.line("Python", text("python_version"));
  header.line("OS", text("os_name") + " " + text("os_version"));
  header.line("Machine", text("platform_machine"));
  header.line("Litmus", text("litmus_version"));
  header.line("Lock file", text("lockfile_hash"));
  const Value* dependencies = map->find("dependencies");
  const auto* list = dependencies == nullptr ? nullptr : dependencies->get_if<ValueList>();
  header.line("Dependencies", std::to_string(list == nullptr ? 0 : list->size()));
  if (list == nullptr) return out;
  for (const Value& dependency : *list) out += "  " + printable(text_of(dependency)) + "\n";
  return out;
}

}  // namespace litmus
