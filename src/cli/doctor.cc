// SPDX-License-Identifier: Apache-2.0
#include "upkeep/doctor.h"

#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/progress.h"
#include "litmus/error.h"
#include "reader/daemon_client.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

struct Options {
  bool fix = false;
  bool json = false;
  std::optional<std::string> data_dir;
};

std::string_view name_of(const Finding& finding) {
  switch (finding.severity) {
    case Severity::kNote: return "note";
    case Severity::kProblem: return "problem";
    case Severity::kLost: return "lost";
  }
  return "lost";
}

Style style_of(const Finding& finding) {
  if (finding.severity == Severity::kNote) return Style::kDim;
  return finding.fixed ? Style::kGood : Style::kBad;
}

std::string counted(std::size_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string to_json(const Diagnosis& diagnosis) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object();
  json.key("findings");
  json.begin_array();
  for (const Finding& finding : diagnosis.findings) {
    json.begin_object();
    json.key("severity");
    json.value(name_of(finding));
    json.key("area");
    json.value(finding.area);
    json.key("path");
    json.value(finding.path);
    json.key("what");
    json.value(finding.what);
    json.key("advice");
    json.value(finding.advice);
    json.key("fixed");
    json.value(finding.fixed);
    json.end_object();
  }
  json.end_array();
  json.key("event_files");
  json.value(static_cast<std::int64_t>(diagnosis.event_files));
  json.key("run_files");
  json.value(static_cast<std::int64_t>(diagnosis.run_files));
  json.key("open_problems");
  json.value(static_cast<std::int64_t>(diagnosis.open_problems()));
  json.key("lost");
  json.value(diagnosis.anything_lost());
  json.end_object();
  return out + "\n";
}

void print_text(const Diagnosis& diagnosis, Console& console) {
  for (const Finding& finding : diagnosis.findings) {
    console.print_styled(style_of(finding),
                         fmt::format("{:8}", finding.fixed ? "fixed" : name_of(finding)));
    console.print(fmt::format("{}: {}\n", finding.path, finding.what));
    if (!finding.advice.empty()) {
      console.print_styled(Style::kDim, fmt::format("        {}\n", finding.advice));
    }
  }
  const std::size_t open = diagnosis.open_problems();
  console.print(
      fmt::format("{}, {}: {}{}\n", counted(diagnosis.event_files, "event file"),
                  counted(diagnosis.run_files, "run file"),
                  diagnosis.anything_lost() ? "something is lost" : "nothing is lost",
                  open == 0 ? "" : ", " + counted(open, "problem") + " that can be put right"));
}

// The daemon finalises and seals the runs of dead processes, and knows what it could not read.
void ask_daemon(const std::string& data_dir, Diagnosis& diagnosis) {
  DaemonClient daemon(data_dir);
  const ValueMap status = daemon.status();
  const Value* broken = status.find("broken_files");
  const auto* files = broken == nullptr ? nullptr : broken->get_if<ValueList>();
  if (files == nullptr) return;
  for (const Value& entry : *files) {
    const auto* file = entry.get_if<ValueMap>();
    if (file == nullptr) continue;
    const auto text = [&](const char* key) {
      const Value* value = file->find(key);
      const auto* found = value == nullptr ? nullptr : value->get_if<std::string>();
      return found == nullptr ? std::string() : *found;
    };
    diagnosis.findings.push_back({Severity::kNote, "index", text("path"),
                                  "left out of the index: " + text("reason"), "", false});
  }
}

// What a killed daemon leaves is harmless: locks end with their process, and the next daemon makes
// the socket anew.
void look_at_locks(const std::string& data_dir, bool fix, Diagnosis& diagnosis) {
  const DaemonPlaces places = daemon_places(data_dir);
  if (!posix_file_system().exists(places.socket_file) || find_daemon(places)) return;
  Finding finding{Severity::kProblem,      "locks", places.socket_file, "left by a killed daemon",
                  "`litmus doctor --fix`", false};
  if (fix) {
    posix_file_system().remove(places.socket_file);
    finding.what += "; removed";
    finding.advice.clear();
    finding.fixed = true;
  }
  diagnosis.findings.push_back(std::move(finding));
}

int examine(const Options& options, Console& console) {
  const std::string data_dir = resolve_data_dir(options.data_dir);
  if (options.data_dir && !posix_file_system().exists(data_dir)) {
    console.warn(fmt::format("there is no folder {} yet", data_dir));
  }
  const bool daemon_allowed = environment_variable("LITMUS_DAEMON") != "off";
  std::string unanswered;
  if (options.fix && daemon_allowed) {
    try {
      DaemonClient(data_dir).status();
    } catch (const Error& error) {
      unanswered = error.what();
    }
  }
  Diagnosis diagnosis;
  {
    Progress progress("examining the data directory");
    diagnosis =
        examine_data_dir(posix_file_system(), data_dir,
                         {.fix = options.fix,
                          .on_progress = [&](const std::string&, std::size_t done,
                                             std::size_t total) { progress.update(done, total); }});
  }
  look_at_locks(data_dir, options.fix, diagnosis);
  if (daemon_allowed && unanswered.empty()) {
    try {
      ask_daemon(data_dir, diagnosis);
    } catch (const Error& error) {
      unanswered = error.what();
    }
  }
  if (!unanswered.empty()) {
    diagnosis.findings.push_back({Severity::kProblem, "index", data_dir,
                                  "the daemon does not answer: " + unanswered,
                                  "see its log: `litmus daemon status`", false});
  }
  if (options.json) {
    console.print(to_json(diagnosis));
  } else {
    print_text(diagnosis, console);
  }
  return diagnosis.anything_lost() ? kFailure : kSuccess;
}

}  // namespace

Command doctor_command() {
  auto options = std::make_shared<Options>();
  return {.name = "doctor",
          .summary = "examine a whole data directory, and put right what can be put right",
          .details =
              "Reads every byte of event files and run files, and looks at how they belong\n"
              "together, at large values, the index and locks. Exit status 1 if anything that\n"
              "was recorded is lost. --fix never deletes data: damaged files are put aside.\n\n"
              "Examples:\n"
              "  litmus doctor\n"
              "  litmus doctor --fix",
          .options = {{.names = "--fix",
                       .help = "repair event files, seal runs from their events, remove leftovers",
                       .target = &options->fix},
                      json_option(options->json),
                      data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return examine(*options, console); }};
}

}  // namespace litmus
