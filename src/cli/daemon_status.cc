// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "litmus/error.h"
#include "reader/daemon_client.h"
#include "report/number_format.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

struct DaemonStatusOptions {
  bool json = false;
  std::optional<std::string> data_dir;
};

std::int64_t number(const ValueMap& status, const char* key) {
  const Value* value = status.find(key);
  const auto* found = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  return found == nullptr ? 0 : *found;
}

std::string text(const ValueMap& status, const char* key) {
  const Value* value = status.find(key);
  const auto* found = value == nullptr ? nullptr : value->get_if<std::string>();
  return found == nullptr ? "" : *found;
}

std::string index_state(const ValueMap& status) {
  const std::int64_t done = number(status, "files_indexed");
  const std::int64_t left = number(status, "files_to_index");
  const std::int64_t broken = number(status, "broken_files");
  const Value* caught_up = status.find("caught_up");
  std::string state = caught_up != nullptr && *caught_up == Value(true)
                          ? "up to date"
                          : fmt::format("being built: {} of {} files", done, done + left);
  const Value* incomplete = status.find("index_incomplete");
  if (incomplete != nullptr && *incomplete == Value(true)) {
    state += ", could not be written: see the log";
  }
  if (broken > 0) state += fmt::format(", {} left out (`litmus doctor`)", broken);
  return state;
}

std::string to_text(const ValueMap& status) {
  const Value* uptime = status.find("uptime_s");
  const auto* seconds = uptime == nullptr ? nullptr : uptime->get_if<double>();
  std::string out;
  const auto line = [&](const char* label, const std::string& value) {
    out += fmt::format("{:<13}{}\n", label, value);
  };
  line("Pid", std::to_string(number(status, "pid")));
  line("Version", text(status, "version"));
  line("Data", text(status, "data_dir"));
  line("Address", text(status, "address"));
  line("Up for", format_duration(seconds == nullptr ? 0 : *seconds));
  line("Subscribers", std::to_string(number(status, "subscribers")));
  line("Running runs", std::to_string(number(status, "running_runs")));
  line("Index", index_state(status));
  const std::string index_file = text(status, "index_file");
  line("Index file", index_file.empty() ? "none, it is in memory: see the log" : index_file);
  line("Log", text(status, "log_file"));
  return out;
}

// Nothing when none runs: starts none, and one may end between being found and being asked.
std::optional<ValueMap> ask(const DaemonPlaces& places) {
  while (const auto daemon = find_daemon(places)) {
    try {
      return status_of(*daemon);
    } catch (const Error& error) {
      const auto found = find_daemon(places);
      const bool is_same = found && found->process.pid == daemon->process.pid;
      if (error.code() != Code::kUnavailable || is_same) throw;
    }
  }
  return std::nullopt;
}

int show(const DaemonStatusOptions& options, Console& console) {
  const auto status = ask(daemon_places(resolve_data_dir(options.data_dir)));
  if (!status && options.json) {
    console.print("{\n  \"running\": false\n}\n");
  } else if (!status) {
    console.print("not running\n");
  } else if (options.json) {
    ValueMap all{{"running", true}};
    for (const auto& [key, value] : *status) all.set(key, value);
    std::string json;
    JsonWriter(json, 2).value(all);
    console.print(json + "\n");
  } else {
    console.print(to_text(*status));
  }
  return kSuccess;
}

}  // namespace

Command daemon_status_command() {
  auto options = std::make_shared<DaemonStatusOptions>();
  return {.name = "status",
          .summary = "pid, address, subscribers and index of the daemon, if one runs",
          .details = "Examples:\n  litmus daemon status --json | jq .log_file",
          .options = {json_option(options->json), data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return show(*options, console); }};
}

}  // namespace litmus
