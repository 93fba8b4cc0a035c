// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/instruments.h"
#include "config/calibration.h"
#include "config/station.h"

namespace litmus {
namespace {

struct Options {
  std::string station;
  bool strict = false;
};

class Report {
 public:
  explicit Report(Console& console) : console_(console) {}

  void good(const std::string& role, const std::string& text) { line(role, text, Style::kGood); }
  void plain(const std::string& role, const std::string& text) { line(role, text, Style::kDim); }
  void bad(const std::string& role, const std::string& text) {
    line(role, text, Style::kBad);
    problems_ = true;
  }
  bool has_problems() const { return problems_; }

 private:
  void line(const std::string& role, const std::string& text, Style style) {
    console_.print(fmt::format("{}: ", role));
    console_.print_styled(style, text);
    console_.print("\n");
  }

  Console& console_;
  bool problems_ = false;
};

void tell_answer(const ValueMap& answer, const ValueMap& instrument, Report& report) {
  const std::string role = *find_text(answer, "name");
  const std::string at = find_text(instrument, "resource").value_or("its driver");
  if (const auto error = find_text(answer, "error")) {
    report.bad(role, fmt::format("no answer at {}: {}", at, *error));
    return;
  }
  const auto& mismatches = std::get<ValueList>(answer.find("mismatches")->data());
  for (const Value& mismatch : mismatches) {
    report.bad(role, "identity mismatch: " + std::get<std::string>(mismatch.data()));
  }
  const auto* identity = answer.find("identity")->get_if<ValueMap>();
  const std::string who = identity == nullptr ? "" : identity_text(*identity);
  if (mismatches.empty()) report.good(role, fmt::format("{} at {}", who.empty() ? "OK" : who, at));
}

void tell_calibration(const std::string& role, const ValueMap& instrument, Report& report) {
  const auto status = calibration_status(map_at(instrument, "calibration"), now());
  if (!status) return;
  if (status->expired) {
    report.bad(role, status->message);
  } else {
    report.plain(role, status->message);
  }
}

int check(const Options& options, Console& console) {
  const ConfigPlaces places = config_places();
  FileSystem& files = posix_file_system();
  const Station station =
      load_station(files, places, find_station_file(files, places, options.station));
  for (const std::string& warning : station.warnings) console.warn(warning);

  const ValueMap& roles = map_at(station.record, "instruments");
  Report report(console);
  std::vector<IdentityQuestion> questions;
  for (const auto& [role, value] : roles) {
    const auto& instrument = std::get<ValueMap>(value.data());
    if (*instrument.find("mock") == Value(true)) {
      report.plain(role, "simulated, not asked");
    } else {
      questions.push_back(question_of(role, instrument));
    }
  }
  if (!questions.empty()) {
    for (const ValueMap& answer : identify(questions)) {
      tell_answer(answer, map_at(roles, *find_text(answer, "name")), report);
    }
  }
  for (const auto& [role, value] : roles) {
    tell_calibration(role, std::get<ValueMap>(value.data()), report);
  }
  return report.has_problems() && options.strict ? kFailure : kSuccess;
}

}  // namespace

Command station_check_command() {
  auto options = std::make_shared<Options>();
  return {.name = "check",
          .summary = "ask each instrument who it is, and look at its calibration",
          .details =
              "Examples:\n"
              "  litmus station check bench_1\n"
              "  litmus station check bench_1 --strict && pytest",
          .options = {{.names = "STATION_ID",
                       .help = "the station",
                       .target = &options->station,
                       .required = true},
                      {.names = "--strict",
                       .help = "fail for what does not answer, is another instrument, or is out "
                               "of calibration",
                       .target = &options->strict}},
          .run = [options](Console& console) { return check(*options, console); }};
}

}  // namespace litmus
