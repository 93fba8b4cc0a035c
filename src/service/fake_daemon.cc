// SPDX-License-Identifier: Apache-2.0
// Stands for `litmus daemon run` in the tests of this folder: takes the lock, listens, and waits to
// be ended. FAKE_DAEMON_VERSION lets it be another version, FAKE_DAEMON_STUBBORN ignore the request
// to end, FAKE_DAEMON_PROBLEM fail. Each start leaves a file in the data directory.
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "base/detached_process.h"
#include "base/file_system.h"
#include "base/json_writer.h"
#include "litmus/error.h"
#include "service/daemon_lock.h"
#include "service/ready_message.h"

using namespace litmus;

namespace {

std::string listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  posix_file_system().remove(path);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0 ||
      bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 100) != 0) {
    throw Error(Code::kIo, path + ": cannot listen");
  }
  return "grpc+unix://" + path;
}

void announce_as(FileLock& lock, const std::string& version, const std::string& address) {
  const ProcessIdentity process = this_process();
  std::string text;
  JsonWriter(text).value(ValueMap{{"pid", process.pid},
                                  {"host", process.host},
                                  {"started_at", to_iso8601(*process.started_at)},
                                  {"version", version},
                                  {"protocol", kDaemonProtocol},
                                  {"address", address}});
  lock.write(text);
}

[[noreturn]] void wait_to_be_ended() {
  if (!environment_variable("FAKE_DAEMON_STUBBORN").empty()) std::signal(SIGTERM, SIG_IGN);
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): a test sees that it died
int main(int, char** arguments) {
  const DaemonPlaces places = daemon_places(arguments[5]);
  const std::string problem = environment_variable("FAKE_DAEMON_PROBLEM");
  if (!problem.empty()) {
    send_message_to_starter(problem);
    return 1;
  }
  posix_file_system().open_for_append(
      join_path(places.data_dir, "start-" + std::to_string(this_process().pid)),
      FileSystem::Create::kNew);
  const std::string version = environment_variable("FAKE_DAEMON_VERSION");
  if (!version.empty()) {
    auto lock = FileLock::try_take(places.lock_file);
    announce_as(*lock, version, listen_at(places.socket_file));
    send_message_to_starter(kReadyMessage);
    wait_to_be_ended();
  }
  RunningDaemon running;
  auto lock = DaemonLock::take(places, running);
  if (lock) lock->announce(listen_at(places.socket_file));
  send_message_to_starter(kReadyMessage);
  if (lock) wait_to_be_ended();
}
