// SPDX-License-Identifier: Apache-2.0
#include "cli/questions.h"

#include <fmt/format.h>

#include <iostream>

#include "base/terminal.h"
#include "litmus/error.h"

namespace litmus {

std::string ask(Console& console, const std::string& question, const std::string& proposal) {
  console.print(proposal.empty() ? question + ": " : fmt::format("{} [{}]: ", question, proposal));
  console.flush();
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    throw Error(Code::kInvalidArgument,
                fmt::format("{}: expected an answer, found the end of the input", question));
  }
  return answer.empty() ? proposal : answer;
}

bool ask_yes(Console& console, const std::string& question, bool proposal) {
  while (true) {
    const std::string answer = ask(console, question, proposal ? "Y/n" : "y/N");
    if (answer == "Y/n" || answer == "y/N") return proposal;
    if (answer == "y" || answer == "Y" || answer == "yes") return true;
    if (answer == "n" || answer == "N" || answer == "no") return false;
    console.print("  y or n, please\n");
  }
}

bool can_ask(const Console& console) { return console.is_terminal() && is_input_terminal(); }

}  // namespace litmus
