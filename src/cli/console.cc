// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include "base/process.h"
#include "base/terminal.h"
#include "report/text_width.h"

namespace litmus {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

Canvas canvas_of(Stream stream) {
  if (!litmus::is_terminal(stream)) return {};
  // no-color.org: any content but none switches colours off.
  const bool colors =
      environment_variable("NO_COLOR").empty() && environment_variable("TERM") != "dumb";
  return {static_cast<std::size_t>(terminal_width()), colors, true};
}

}  // namespace

Console::Console() : canvas_(canvas_of(Stream::kOut)), error_canvas_(canvas_of(Stream::kError)) {}

void Console::print(std::string_view text) {
  pending_ += text;
  if (pending_.size() >= kPiece) flush();
}

void Console::print_styled(Style style, std::string_view text) {
  append_styled(pending_, canvas_, style, text);
}

void Console::flush() {
  const std::string text = std::move(pending_);
  pending_.clear();
  if (!write_text(Stream::kOut, text)) throw ClosedPipe{};
}

void Console::warn(std::string_view message) { tell("Warning: ", Style::kWarning, message); }

void Console::error(std::string_view message) { tell("Error: ", Style::kBad, message); }

void Console::tell(std::string_view label, Style style, std::string_view message) {
  flush();  // so that both streams of a terminal show things in their order
  std::string line;
  append_styled(line, error_canvas_, style, label);
  line += printable(message);
  line += '\n';
  write_text(Stream::kError, line);
}

}  // namespace litmus
