// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <fmt/format.h>

#include "base/terminal.h"

namespace litmus {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kPace = std::chrono::milliseconds(100);

}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)),
      possible_(is_terminal(Stream::kError)),
      next_(Clock::now() + kPatience) {}

Progress::~Progress() {
  if (shown_) write_text(Stream::kError, "\r\x1B[K");
}

void Progress::update(std::size_t done, std::size_t total) {
  if (!possible_ || Clock::now() < next_) return;
  next_ = Clock::now() + kPace;
  shown_ = true;
  write_text(Stream::kError, fmt::format("\r\x1B[K{}: {} of {}", what_, done, total));
}

}  // namespace litmus
