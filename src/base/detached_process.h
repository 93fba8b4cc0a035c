// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace litmus {

// A process that lives on without the one that started it: a session of its own, nobody's child,
// working folder /, standard streams on /dev/null, none of the starter's files but two: the writing
// end of a pipe back to the starter, and one that it is to keep open.
class DetachedProcess {
 public:
  static constexpr int kMessagePipe = 3;  // its numbers in the new process
  static constexpr int kKeptOpen = 4;

  // Takes no longer than starting a shell. Error(kIo) if that is impossible.
  static DetachedProcess start(const std::string& program,
                               const std::vector<std::string>& arguments, int kept_open);

  DetachedProcess(DetachedProcess&& other) noexcept : pipe_(std::exchange(other.pipe_, -1)) {}
  DetachedProcess& operator=(DetachedProcess&&) = delete;
  ~DetachedProcess();

  // What it wrote into the pipe until it closed it or ended; nothing if it has done neither so far.
  std::optional<std::string> wait_for_message(std::chrono::milliseconds at_most);

 private:
  explicit DetachedProcess(int pipe) : pipe_(pipe) {}

  int pipe_;
  std::string message_;
};

// In the new process: tells the starter, and closes both files. For its main() only.
void send_message_to_starter(const std::string& message);

}  // namespace litmus
