// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "base/json_writer.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/python_tool.h"
#include "litmus/error.h"
#include "plan/explanation_text.h"

namespace litmus {
namespace {

struct Options {
  std::string test;
  std::vector<std::string> pytest_options;
  bool json = false;
};

int explain(const Options& options, Console& console) {
  ValueList more;
  more.reserve(options.pytest_options.size());
  for (const std::string& option : options.pytest_options) more.emplace_back(option);
  const Value answer = ask_python(
      "explain",
      {{"test", options.test}, {"options", std::move(more)}, {"folder", current_folder()}});
  const auto& explanation = std::get<ValueMap>(answer.data());
  if (const Value* error = explanation.find("error")) {
    throw Error(Code::kNotFound, std::get<std::string>(error->data()));
  }
  if (options.json) {
    std::string text;
    JsonWriter(text, 2).value(explanation);
    console.print(text + "\n");
  } else {
    console.print(explanation_text(explanation));
  }
  return has_problems(explanation) ? kFailure : kSuccess;
}

}  // namespace

Command explain_command() {
  auto options = std::make_shared<Options>();
  return {
      .name = "explain",
      .summary = "where each limit, sweep, mock, station, product and fixture of a test is from",
      .details =
          "Examples:\n"
          "  litmus explain tests/test_fan.py::TestFan::test_load\n"
          "  litmus explain test_load --pytest=--test-profile=production",
      .options = {{.names = "TEST",
                   .help = "a test, class or module: its node id, or the end of it",
                   .target = &options->test,
                   .required = true},
                  {.names = "--pytest",
                   .help = "an option for pytest; may be given several times",
                   .target = &options->pytest_options,
                   .value_name = "OPTION"},
                  json_option(options->json)},
      .run = [options](Console& console) { return explain(*options, console); }};
}

}  // namespace litmus
