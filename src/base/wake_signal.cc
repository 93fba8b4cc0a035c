// SPDX-License-Identifier: Apache-2.0
#include "base/wake_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

namespace litmus {

WakeSignal::WakeSignal() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

WakeSignal::~WakeSignal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void WakeSignal::raise() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void WakeSignal::wait(std::initializer_list<int> descriptors,
                      std::chrono::milliseconds at_most) const {
  std::vector<pollfd> wanted{{descriptor_, POLLIN, 0}};
  for (const int descriptor : descriptors) wanted.push_back({descriptor, POLLIN, 0});
  ::poll(wanted.data(), wanted.size(), static_cast<int>(at_most.count()));
  std::uint64_t count = 0;
  [[maybe_unused]] const auto cleared = ::read(descriptor_, &count, sizeof count);
}

}  // namespace litmus
