// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <memory>
#include <ranges>

#include "base/child_process.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/discovery.h"
#include "cli/questions.h"
#include "cli/station_roles.h"
#include "config/config_file.h"
#include "config/project_file.h"
#include "config/yaml_text.h"
#include "litmus/error.h"
#include "scaffold/project_files.h"
#include "scaffold/project_name.h"

namespace litmus {
namespace {

constexpr char kFoundStation[] = "station";

struct Options {
  std::optional<std::string> folder;
  std::optional<std::string> name;
  std::optional<std::string> tier;
  bool starter = false;
  bool no_starter = false;
  bool discover = false;
  bool no_git = false;
  bool yes = false;
};

// What is to be made, after all questions.
struct Plan {
  Tier tier = Tier::kEmpty;
  bool discover = false;
};

Plan plan_of(const Options& options, Console& console) {
  if (options.starter && options.no_starter) {
    throw Error(Code::kInvalidArgument, "--starter and --no-starter: give one of them");
  }
  if (options.tier) {
    const auto tier = tier_of(*options.tier);
    if (!tier) {
      throw Error(
          Code::kInvalidArgument,
          fmt::format("--tier: expected bringup, bench or factory, found {}", *options.tier));
    }
    if (options.discover || options.no_starter) {
      console.warn("--tier says what is made: --discover and --no-starter are left out");
    }
    return {*tier, false};
  }
  if (options.starter) return {Tier::kBench, options.discover};
  if (options.no_starter) return {Tier::kEmpty, options.discover};
  if (options.yes) return {Tier::kBench, options.discover};
  if (options.discover || !can_ask(console)) return {Tier::kEmpty, options.discover};
  const bool starter = ask_yes(console, "A simulated bench and a test to begin with?", true);
  const bool discover = ask_yes(console, "Look for connected instruments?", false);
  return {starter ? Tier::kBench : Tier::kEmpty, discover};
}

// A role for what was found: its model, or its protocol, in small letters; numbered when it comes
// again.
std::string role_of(const FoundInstrument& found, const std::string& protocol,
                    std::map<std::string, int>& known) {
  const auto model = found.identity ? find_text(*found.identity, "model") : std::nullopt;
  std::string role;
  for (const char letter : model.value_or(protocol)) {
    const auto byte = static_cast<unsigned char>(letter);
    role += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '_';
  }
  if (std::isdigit(static_cast<unsigned char>(role.front())) != 0) role = "instrument_" + role;
  const int number = ++known[role];
  return number == 1 ? role : fmt::format("{}_{}", role, number);
}

// stations/station.yaml and a file for each instrument; none if nothing is found.
std::vector<NewFile> found_bench(Console& console) {
  std::vector<ChosenRole> roles;
  std::map<std::string, int> known;
  try {
    for (const ProtocolScan& scan : scan_for_instruments({}, true)) {
      if (!scan.note.empty()) console.warn(fmt::format("{}: {}", scan.protocol, scan.note));
      for (const FoundInstrument& found : scan.instruments) {
        const std::string role = role_of(found, scan.protocol, known);
        roles.push_back({.role = role,
                         .asset_id = role,
                         .driver = {},
                         .instrument = found,
                         .protocol = scan.protocol});
      }
    }
  } catch (const Error& error) {
    console.warn(fmt::format("instruments could not be looked for: {}", error.what()));
  }
  std::vector<NewFile> files;
  if (roles.empty()) {
    console.warn("no instruments were found; `litmus station init` makes a station later");
    return files;
  }
  for (const ChosenRole& role : roles) {
    files.push_back({fmt::format("instruments/{}.yaml", role.asset_id), yaml_text(asset_of(role))});
  }
  files.push_back({fmt::format("stations/{}.yaml", kFoundStation),
                   yaml_text(station_of(kFoundStation, "", "", roles))});
  return files;
}

std::string project_name(const Options& options, const std::string& folder) {
  if (options.name) return as_project_name(*options.name);
  if (options.folder) return as_project_name(file_name(folder));
  const auto repository = find_repository(posix_file_system(), folder);
  if (repository) {
    try {
      const ChildResult remote =
          run_child("git", {"-C", *repository, "config", "--get", "remote.origin.url"}, "");
      const std::string leaf = remote_leaf(remote.output);
      if (remote.exit_status == 0 && !leaf.empty()) return as_project_name(leaf);
    } catch (const Error&) {
      // Without git its folder has a name as well.
    }
    return as_project_name(file_name(*repository));
  }
  return as_project_name(file_name(folder));
}

void init_git(const std::string& folder, Console& console) {
  if (find_repository(posix_file_system(), folder)) return;
  try {
    if (run_child("git", {"init", "-q", folder}, "").exit_status == 0) return;
    console.warn("`git init` failed; the project works without, as development runs");
  } catch (const Error&) {
    console.warn("git is not installed; the project works without, as development runs");
  }
}

void print_list(Console& console, const std::string& title, const std::vector<std::string>& paths) {
  if (paths.empty()) return;
  console.print(title + "\n");
  for (const std::string& path : paths) {
    if (!path.starts_with(".vscode/schemas/")) console.print("  " + path + "\n");
  }
  const auto schemas = std::ranges::count_if(
      paths, [](const std::string& path) { return path.starts_with(".vscode/schemas/"); });
  if (schemas > 0) console.print(fmt::format("  .vscode/schemas/ ({} files)\n", schemas));
}

// litmus.yaml was there before: what this tier would have written into it.
void print_missing_settings(Console& console, const std::string& folder,
                            const std::vector<NewFile>& new_files) {
  const auto fresh = std::ranges::find(new_files, kProjectFileName, &NewFile::path);
  const auto kept = posix_file_system().read(join_path(folder, kProjectFileName));
  const std::string text = "\n" + std::string(kept->bytes().begin(), kept->bytes().end());
  std::string missing;
  for (const auto part : fresh->text | std::views::split('\n')) {
    const std::string line(part.begin(), part.end());
    const bool is_setting = !line.empty() && line[0] != '#';
    const std::string key = line.substr(0, line.find(':') + 1);
    if (is_setting && text.find("\n" + key) == std::string::npos) missing += "  " + line + "\n";
  }
  if (missing.empty()) return;
  console.print("\nlitmus.yaml was kept. These lines belong into it:\n" + missing);
}

void print_next_steps(Console& console, const Options& options, const Plan& plan) {
  console.print("\nNext steps:\n");
  if (options.folder) console.print(fmt::format("  cd {}\n", *options.folder));
  if (plan.tier == Tier::kEmpty) {
    console.print(
        "  litmus new-test first   a test to begin with\n"
        "  pytest\n");
  } else {
    console.print(
        "  pytest                  passes without hardware\n"
        "  litmus runs             what was recorded\n"
        "  litmus show <run id>    with its measurements and limits\n");
  }
  console.print("  README.md               what is where, and what to try next\n");
  console.print("pytest must be the one of the environment in which litmus-test is installed.\n");
}

int init(const Options& options, Console& console) {
  FileSystem& files = posix_file_system();
  const std::string folder =
      options.folder ? absolute_path(*options.folder) : absolute_path(current_folder());
  if (options.folder && files.exists(folder)) {
    throw Error(Code::kConflict,
                fmt::format("{} exists already: choose another name, or run `litmus init` in it, "
                            "which keeps all files that are there",
                            folder));
  }
  const Plan plan = plan_of(options, console);
  NewProject project{.name = project_name(options, folder), .tier = plan.tier, .today = now()};
  if (project.name.empty()) {
    throw Error(Code::kInvalidArgument, "--name: expected a name, found an empty text");
  }
  std::vector<NewFile> bench;
  if (plan.discover) bench = found_bench(console);
  if (!bench.empty()) project.default_station = kFoundStation;
  std::vector<NewFile> new_files = files_of(project);
  std::ranges::move(bench, std::back_inserter(new_files));

  files.create_folders(folder);
  const WrittenProject written = write_project(files, folder, folders_of(plan.tier), new_files);
  if (!options.no_git) init_git(folder, console);
  print_list(console, fmt::format("Created in {}:", folder), written.created);
  print_list(console, "Kept as they are:", written.kept);
  if (std::ranges::find(written.kept, kProjectFileName) != written.kept.end()) {
    print_missing_settings(console, folder, new_files);
  }
  print_next_steps(console, options, plan);
  return kSuccess;
}

}  // namespace

Command init_command() {
  auto options = std::make_shared<Options>();
  return {
      .name = "init",
      .summary = "make a project: folders, configuration, a simulated bench to begin with",
      .details =
          "Files that are there already are never changed. Asks on a terminal only.\nExamples:\n"
          "  litmus init my_project --starter && cd my_project && pytest\n"
          "  litmus init --tier factory",
      .options = {{.names = "NAME",
                   .help = "folder to make; else the one you are in",
                   .target = &options->folder},
                  {.names = "--starter",
                   .help = "with a simulated bench, a product and a test",
                   .target = &options->starter},
                  {.names = "--no-starter",
                   .help = "folders and configuration only",
                   .target = &options->no_starter},
                  {.names = "--tier",
                   .help = "how much: bringup (tests alone), bench (as --starter), factory (with "
                           "profiles)",
                   .target = &options->tier,
                   .value_name = "TIER",
                   .completion = Completion::kChoices,
                   .choices = {std::begin(kTierNames), std::end(kTierNames)}},
                  {.names = "--discover",
                   .help = "look for instruments and make stations/station.yaml",
                   .target = &options->discover},
                  {.names = "--name",
                   .help = "name of the project; else that of the folder, without NAME that of the "
                           "git repository",
                   .target = &options->name,
                   .value_name = "TEXT"},
                  {.names = "--no-git", .help = "no `git init`", .target = &options->no_git},
                  {.names = "--yes",
                   .help = "no questions: with a starter, without looking for instruments",
                   .target = &options->yes}},
      .run = [options](Console& console) { return init(*options, console); }};
}

}  // namespace litmus
