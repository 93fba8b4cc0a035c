// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/output_file.h"
#include "config/config_kinds.h"
#include "config/config_source.h"
#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

constexpr char kEditorFolder[] = ".vscode";
constexpr char kMappingKey[] = "yaml.schemas";

std::string schema_file(std::string_view kind) { return fmt::format("{}.schema.json", kind); }

// The paths written.
std::vector<std::string> write_schemas(const std::string& folder) {
  std::vector<std::string> paths;
  paths.reserve(kConfigKinds.size());
  for (const ConfigKind& kind : kConfigKinds) {
    paths.push_back(join_path(folder, schema_file(kind.name)));
    write_output_file(paths.back(), editor_schema(kind.name));
  }
  return paths;
}

// The settings of the editor as they are; empty where there are none, or they are not JSON.
ValueMap read_settings(const std::string& path, Console& console) {
  FileSystem& files = posix_file_system();
  if (!files.exists(path)) return {};
  const auto file = files.read(path);
  const Bytes bytes = file->bytes();
  try {
    const Value settings = parse_value({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (const auto* map = settings.get_if<ValueMap>()) return *map;
    console.warn(fmt::format("{}: expected a JSON object; it is written anew", path));
  } catch (const Error& error) {
    console.warn(fmt::format("{}: {}; it is written anew", path, error.what()));
  }
  return {};
}

int export_schemas(const std::string& folder, Console& console) {
  for (const std::string& path : write_schemas(absolute_path(folder))) {
    console.print(shown_path(path) + "\n");
  }
  return kSuccess;
}

int refresh(const std::string& project, Console& console) {
  const std::string folder = join_path(absolute_path(project), kEditorFolder);
  const auto schemas = write_schemas(join_path(folder, "schemas"));
  const std::string settings_path = join_path(folder, "settings.json");
  ValueMap settings = read_settings(settings_path, console);
  ValueMap mapping;
  if (const Value* before = settings.find(kMappingKey)) {
    if (const auto* map = before->get_if<ValueMap>()) mapping = *map;
  }
  for (const ConfigKind& kind : kConfigKinds) {
    mapping.set(fmt::format("./{}/schemas/{}", kEditorFolder, schema_file(kind.name)),
                Value(kind.glob));
  }
  settings.set(kMappingKey, std::move(mapping));
  std::string text;
  JsonWriter(text, 2).value(settings);
  write_output_file(settings_path, text + "\n");
  for (const std::string& path : schemas) console.print(shown_path(path) + "\n");
  console.print(shown_path(settings_path) + "\n");
  return kSuccess;
}

Command export_command() {
  auto folder = std::make_shared<std::string>("schemas");
  return {.name = "export",
          .summary = "write the JSON Schemas of the YAML files, for editors and other tools",
          .details = "Examples:\n  litmus schema export -o schemas",
          .options = {{.names = "-o,--output",
                       .help = "folder; else `schemas`",
                       .target = folder.get(),
                       .value_name = "DIR",
                       .completion = Completion::kFolder}},
          .run = [folder](Console& console) { return export_schemas(*folder, console); }};
}

Command refresh_command() {
  auto project = std::make_shared<std::string>(".");
  return {.name = "refresh",
          .summary = "write the schemas into .vscode, and which files they are for",
          .details = "Examples:\n  litmus schema refresh",
          .options = {{.names = "--project-dir",
                       .help = "folder of the project; else this one",
                       .target = project.get(),
                       .value_name = "DIR",
                       .completion = Completion::kFolder}},
          .run = [project](Console& console) { return refresh(*project, console); }};
}

}  // namespace

Command schema_command() {
  return {.name = "schema",
          .summary = "JSON Schemas of the YAML files: completion and checks while you type",
          .details =
              "Examples:\n"
              "  litmus schema export -o schemas\n"
              "  litmus schema refresh",
          .subcommands = {export_command(), refresh_command()}};
}

}  // namespace litmus
