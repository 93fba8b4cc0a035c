// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "config/config_kinds.h"
#include "config/config_source.h"
#include "plan/validation.h"

namespace litmus {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::optional<std::string> type;
  bool json = false;
};

ValueList to_list(const std::vector<std::string>& texts) {
  ValueList list;
  list.reserve(texts.size());
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

std::string as_json(const std::vector<FileVerdict>& verdicts, std::size_t failed) {
  ValueList list;
  list.reserve(verdicts.size());
  for (const FileVerdict& verdict : verdicts) {
    list.emplace_back(ValueMap{{"file", verdict.path},
                               {"type", verdict.kind ? Value(*verdict.kind) : Value()},
                               {"status", verdict.errors.empty() ? "OK" : "FAIL"},
                               {"errors", to_list(verdict.errors)},
                               {"warnings", to_list(verdict.warnings)}});
  }
  std::string text;
  JsonWriter(text, 2).value(ValueMap{
      {"files", std::move(list)}, {"passed", verdicts.size() - failed}, {"failed", failed}});
  return text + "\n";
}

// `path:12: problem` of the file itself as `line 12: problem`.
std::string below_its_file(const std::string& problem, const std::string& path) {
  for (const std::string& start : {path + ":", shown_path(path) + ":"}) {
    if (problem.starts_with(start)) return "line " + problem.substr(start.size());
  }
  return problem;
}

void print(const FileVerdict& verdict, Console& console) {
  console.print(shown_path(verdict.path) + " ");
  const bool is_good = verdict.errors.empty();
  console.print_styled(is_good ? Style::kGood : Style::kBad, is_good ? "OK" : "FAIL");
  console.print("\n");
  for (const std::string& error : verdict.errors) {
    console.print(fmt::format("  {}\n", below_its_file(error, verdict.path)));
  }
  for (const std::string& warning : verdict.warnings) {
    console.print_styled(Style::kDim,
                         fmt::format("  warning: {}\n", below_its_file(warning, verdict.path)));
  }
}

int validate(const Options& options, Console& console) {
  const auto verdicts =
      validate_files(posix_file_system(), current_folder(), options.paths, options.type);
  std::size_t failed = 0;
  for (const FileVerdict& verdict : verdicts) failed += verdict.errors.empty() ? 0 : 1;
  if (options.json) {
    console.print(as_json(verdicts, failed));
  } else {
    for (const FileVerdict& verdict : verdicts) print(verdict, console);
    console.print(fmt::format("{} passed, {} failed\n", verdicts.size() - failed, failed));
  }
  return failed == 0 ? kSuccess : kFailure;
}

}  // namespace

Command validate_command() {
  auto options = std::make_shared<Options>();
  return {.name = "validate",
          .summary = "check the YAML files of a project, each by itself and against the others",
          .details =
              "Examples:\n"
              "  litmus validate\n"
              "  litmus validate tests/test_fan.yaml profiles",
          .options = {{.names = "PATHS",
                       .help = "files and folders; else all of the project",
                       .target = &options->paths,
                       .completion = Completion::kFile},
                      {.names = "-t,--type",
                       .help = "the kind of the files, where their place does not tell it",
                       .target = &options->type,
                       .value_name = "TYPE",
                       .completion = Completion::kChoices,
                       .choices = config_kind_names()},
                      json_option(options->json)},
          .run = [options](Console& console) { return validate(*options, console); }};
}

}  // namespace litmus
