// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <initializer_list>

namespace litmus {

// Wakes a thread that waits for descriptors. Raising it any number of times wakes it once. raise()
// from any thread, the rest by the one that waits.
class WakeSignal {
 public:
  WakeSignal();
  ~WakeSignal();
  WakeSignal(const WakeSignal&) = delete;
  WakeSignal& operator=(const WakeSignal&) = delete;

  void raise() const;
  // Returns when it was raised, one of the descriptors is readable, or the time is up.
  void wait(std::initializer_list<int> descriptors, std::chrono::milliseconds at_most) const;

 private:
  int descriptor_ = -1;
};

}  // namespace litmus
