// SPDX-License-Identifier: Apache-2.0
#include "base/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

namespace litmus {
namespace {

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);  // threads inherit it
}

bool StopSignals::wait(std::chrono::milliseconds at_most) {
  const sigset_t set = signals();
  const timespec time{at_most.count() / 1000, at_most.count() % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &time) > 0;
}

void StopSignals::send_to_this_process() { kill(getpid(), SIGTERM); }

void StopSignals::end_process_after(std::chrono::seconds time) {
  alarm(static_cast<unsigned>(time.count()));
}

}  // namespace litmus
