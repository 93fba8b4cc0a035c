// SPDX-License-Identifier: Apache-2.0
#include "scaffold/editor_files.h"

#include <fmt/format.h>

#include "config/config_kinds.h"

namespace litmus {

std::vector<NewFile> editor_files() {
  std::vector<NewFile> files;
  std::string globs;
  for (const ConfigKind& kind : kConfigKinds) {
    const std::string path = fmt::format(".vscode/schemas/{}.schema.json", kind.name);
    files.push_back({path, editor_schema(kind.name)});
    globs += fmt::format(R"({}    "./{}": "{}")", globs.empty() ? "" : ",\n", path, kind.glob);
  }
  files.push_back(
      {".vscode/settings.json", fmt::format("{{\n  \"python.testing.pytestEnabled\": true,\n"
                                            "  \"yaml.schemas\": {{\n{}\n  }}\n}}\n",
                                            globs)});
  return files;
}

}  // namespace litmus
