// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <string>
#include <vector>

#include "base/error_codes.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/parser.h"
#include "litmus/error.h"

namespace {

int run(const std::vector<std::string>& words, litmus::Console& console) {
  try {
    const bool completing = !words.empty() && words.front() == litmus::kCompleteWords;
    const int status = completing
                           ? litmus::complete_words({words.begin() + 1, words.end()}, console)
                           : run_command_line(litmus::litmus_command(), words, console);
    console.flush();
    return status;
  } catch (const litmus::ClosedPipe&) {
    return litmus::kClosedPipe;
  } catch (const litmus::Error& error) {
    console.error(error.what());
    return litmus::mapping_of(error.code()).exit_status;
  } catch (const std::exception& error) {
    console.error(error.what());
    return litmus::kFailure;
  }
}

}  // namespace

int main(int count, char** arguments) {
  litmus::handle_interrupts();
  litmus::Console console;
  try {
    return run({arguments + 1, arguments + count}, console);
  } catch (const litmus::ClosedPipe&) {
    return litmus::kClosedPipe;
  } catch (...) {
    return litmus::kFailure;  // not even the error could be told
  }
}
