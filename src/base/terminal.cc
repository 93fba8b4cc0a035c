// SPDX-License-Identifier: Apache-2.0
#include "base/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

#include "litmus/error.h"

namespace litmus {
namespace {

constexpr int kInterruptedStatus = 130;

int descriptor_of(Stream stream) { return stream == Stream::kOut ? STDOUT_FILENO : STDERR_FILENO; }

extern "C" void end_on_interrupt(int /*signal*/) {
  if (isatty(STDERR_FILENO) == 1) {
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, "\n", 1);
  }
  _exit(kInterruptedStatus);
}

}  // namespace

bool is_input_terminal() { return isatty(STDIN_FILENO) == 1; }

bool is_terminal(Stream stream) { return isatty(descriptor_of(stream)) == 1; }

int terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool write_text(Stream stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor_of(stream), text.data(), text.size());
    if (count > 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EINTR) {
      throw Error(Code::kIo, "cannot write to the standard " +
                                 std::string(stream == Stream::kOut ? "output" : "error") + ": " +
                                 std::generic_category().message(errno));
    }
  }
  return true;
}

bool is_output_abandoned() {
  pollfd output{STDOUT_FILENO, 0, 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

void handle_interrupts() {
  struct sigaction interrupt{};
  interrupt.sa_handler = end_on_interrupt;
  sigaction(SIGINT, &interrupt, nullptr);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
}

}  // namespace litmus
