// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace litmus {

struct EmbeddedFile {
  std::string_view path;  // below src/scaffold/templates
  std::string_view text;
};
std::vector<EmbeddedFile> project_templates();

}  // namespace litmus
