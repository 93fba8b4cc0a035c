// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace litmus {

// The requests to end (SIGTERM, Ctrl-C, the end of the terminal) of a program that has to do so in
// good order: they no longer end it but are waited for. For main() only, before there are threads.
class StopSignals {
 public:
  StopSignals();

  // Whether one has come.
  bool wait(std::chrono::milliseconds at_most);
  // As if one came from outside. From any thread.
  static void send_to_this_process();
  // The system ends the process then, should it still be there.
  static void end_process_after(std::chrono::seconds time);
};

}  // namespace litmus
