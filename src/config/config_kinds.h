// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "litmus/value.h"

namespace litmus {

// The kinds of configuration files: each has a schema of this name in schema/config.
struct ConfigKind {
  std::string_view name;
  std::string_view glob;    // where such files are, from the project's folder
  std::string_view folder;  // the part of a path that tells them; empty: told by the file's name
};

inline constexpr std::array kConfigKinds{
    ConfigKind{"project", "litmus.yaml", ""},
    ConfigKind{"profile", "profiles/**/*.yaml", "profiles"},
    ConfigKind{"station", "stations/*.yaml", "stations"},
    ConfigKind{"station_type", "stations/types/*.yaml", "stations/types"},
    ConfigKind{"instrument_asset", "instruments/**/*.yaml", "instruments"},
    ConfigKind{"fixture", "fixtures/*.yaml", "fixtures"},
    ConfigKind{"product", "products/**/*.yaml", "products"},
    ConfigKind{"catalog", "catalog/**/*.yaml", "catalog"},
    ConfigKind{"sidecar", "tests/**/test_*.yaml", ""},
};

std::vector<std::string> config_kind_names();

// By the folder nearest to the file, or by its name: `litmus.yaml`, `test_x.yaml`.
std::optional<std::string_view> kind_of_place(const std::string& path);

// The kind that knows most of the keys at the root of a document; nothing if none knows all of
// them.
std::optional<std::string_view> kind_of_keys(FileSystem& files, const std::string& path);

// The schema of a kind as JSON Schema for editors: without our own keywords, generators allowed
// where lists are, numbers where texts are. References go to `{kind}.schema.json` beside it.
std::string editor_schema(std::string_view kind);

}  // namespace litmus
