// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

struct DaemonStopOptions {
  bool json = false;
  std::optional<std::string> data_dir;
};

int stop(const DaemonStopOptions& options, Console& console) {
  const auto stopped = stop_daemon(daemon_places(resolve_data_dir(options.data_dir)));
  if (options.json) {
    ValueMap answer{{"stopped", stopped.has_value()}};
    if (stopped) answer.set("pid", stopped->process.pid);
    std::string json;
    JsonWriter(json, 2).value(answer);
    console.print(json + "\n");
  } else if (stopped) {
    console.print(fmt::format("stopped (pid {})\n", stopped->process.pid));
  } else {
    console.print("not running\n");
  }
  return kSuccess;
}

}  // namespace

Command daemon_stop_command() {
  auto options = std::make_shared<DaemonStopOptions>();
  return {.name = "stop",
          .summary = "end the daemon in good order; the next program that needs one starts it",
          .details = "Examples:\n  litmus daemon stop",
          .options = {json_option(options->json), data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return stop(*options, console); }};
}

}  // namespace litmus
