// SPDX-License-Identifier: Apache-2.0
#include "cli/python_tool.h"

#include <fmt/format.h>

#include "base/child_process.h"
#include "base/file_system.h"
#include "base/json_writer.h"
#include "base/process.h"
#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

std::string interpreter() {
  if (std::string given = environment_variable("LITMUS_PYTHON"); !given.empty()) return given;
  std::string beside = join_path(parent_folder(executable_path()), "python3");
  return is_executable(beside) ? beside : LITMUS_FALLBACK_PYTHON;
}

constexpr char kAdvice[] = "; set LITMUS_PYTHON to a Python that has litmus";

ChildResult run(const std::string& python, const std::string& name, const std::string& input) {
  try {
    return run_child(python, {"-m", "litmus._tool", name}, input);
  } catch (const Error& error) {
    throw Error(error.code(), error.what() + std::string(kAdvice));
  }
}

}  // namespace

Value ask_python(const std::string& name, const ValueMap& request) {
  std::string input;
  JsonWriter(input).value(request);
  const std::string python = interpreter();
  const ChildResult result = run(python, name, input);
  if (result.exit_status != 0) {
    throw Error(Code::kUnavailable, fmt::format("{} -m litmus._tool {} failed with status {}{}",
                                                python, name, result.exit_status, kAdvice));
  }
  return parse_value(result.output);
}

}  // namespace litmus
