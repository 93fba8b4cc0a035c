// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "base/detached_process.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "daemon/daemon.h"
#include "litmus/error.h"
#include "service/ready_message.h"

namespace litmus {
namespace {

struct DaemonRunOptions {
  bool detached = false;
  std::optional<std::string> data_dir;
};

// Started by hand it stays, for service managers; started by a program it goes when it is idle.
std::optional<std::chrono::seconds> idle_limit(bool detached) {
  constexpr auto kIdle = std::chrono::seconds(300);
  const std::string text = environment_variable("LITMUS_DAEMON_IDLE_S");
  if (text.empty()) return detached ? std::optional(kIdle) : std::nullopt;
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
    throw Error(Code::kInvalidArgument,
                "LITMUS_DAEMON_IDLE_S: expected a number of seconds, found " + text);
  }
  return std::chrono::seconds(seconds);
}

int run(const DaemonRunOptions& options, StopSignals& signals, Console& console) {
  DaemonOptions daemon;
  daemon.places = daemon_places(resolve_data_dir(options.data_dir));
  daemon.idle = idle_limit(options.detached);
  RunningDaemon running;
  auto lock = DaemonLock::take(daemon.places, running);
  if (!lock && options.detached) {
    send_message_to_starter(kReadyMessage);  // that one will do
    return kSuccess;
  }
  if (!lock) {
    throw Error(Code::kBusy,
                fmt::format("a daemon already runs for {} (pid {}, version {}); "
                            "`litmus daemon stop` ends it",
                            daemon.places.data_dir, running.process.pid, running.version));
  }
  daemon.on_ready = [&](const std::string& address) {
    if (options.detached) {
      send_message_to_starter(kReadyMessage);
      return;
    }
    console.print(fmt::format("daemon of {}\naddress {}\nlog {}\n", daemon.places.data_dir, address,
                              daemon.places.log_file));
    console.flush();
  };
  run_daemon(daemon, *lock, signals);
  return kSuccess;
}

int run_or_tell_starter(const DaemonRunOptions& options, Console& console) {
  StopSignals signals;
  try {
    return run(options, signals, console);
  } catch (const std::exception& error) {
    if (options.detached) send_message_to_starter(error.what());
    throw;
  }
}

}  // namespace

Command daemon_run_command() {
  auto options = std::make_shared<DaemonRunOptions>();
  return {.name = "run",
          .summary = "be the daemon of a data directory, until Ctrl-C or SIGTERM",
          .details =
              "Nobody needs to call it: programs start the daemon when they want it.\n"
              "Examples:\n"
              "  litmus daemon run --data-dir /srv/bench/data",
          .options = {{.names = "--detached",
                       .help = "for programs that start it: tells file descriptor 3 when it is "
                               "ready, ends after 300 s without work",
                       .target = &options->detached},
                      data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return run_or_tell_starter(*options, console); }};
}

}  // namespace litmus
