// SPDX-License-Identifier: Apache-2.0
#include "base/process_watcher.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace litmus {

ProcessWatcher::ProcessWatcher() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {}

ProcessWatcher::~ProcessWatcher() {
  for (const auto& [process, key] : processes_) ::close(process);
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool ProcessWatcher::add(const ProcessIdentity& process) {
  const Key key{process.pid, process.started_at};
  if (watched_.contains(key)) return true;
  // First the descriptor, then the look at who that is: the pid may have been given to another.
  const int opened =
      static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(process.pid), 0));
  const Liveness liveness = liveness_of(process);
  if (liveness == Liveness::kAlive && opened >= 0) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = opened;
    if (::epoll_ctl(descriptor_, EPOLL_CTL_ADD, opened, &event) == 0) {
      watched_[key] = opened;
      processes_[opened] = process;
      return true;
    }
  }
  if (opened >= 0) ::close(opened);
  if (liveness == Liveness::kDead) ended_.push_back(process);
  return liveness == Liveness::kDead;
}

std::vector<ProcessIdentity> ProcessWatcher::take_ended() {
  std::array<epoll_event, 16> events{};
  int count = 0;
  while ((count = ::epoll_wait(descriptor_, events.data(), events.size(), 0)) > 0) {
    for (int i = 0; i < count; ++i) {
      const int opened = events.at(static_cast<std::size_t>(i)).data.fd;
      const auto place = processes_.find(opened);
      if (place == processes_.end()) continue;
      watched_.erase({place->second.pid, place->second.started_at});
      ended_.push_back(std::move(place->second));
      processes_.erase(place);
      ::close(opened);
    }
  }
  return std::exchange(ended_, {});
}

}  // namespace litmus
