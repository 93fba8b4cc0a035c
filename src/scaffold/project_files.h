// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "litmus/time.h"

namespace litmus {

// How much of a project is there from the beginning.
enum class Tier {
  kEmpty,    // folders, and a README that says what they are for
  kBringup,  // tests with stand-in instruments, no description of a bench
  kBench,    // a simulated station, a product, a fixture, a test with a sweep
  kFactory,  // the same, and profiles for production and characterization
};
inline constexpr const char* kTierNames[] = {"bringup", "bench", "factory"};  // as users call them
std::optional<Tier> tier_of(std::string_view name);

struct NewProject {
  std::string name;
  Tier tier = Tier::kEmpty;
  Timestamp today;
  std::optional<std::string> default_station = std::nullopt;  // of an empty one
};

struct NewFile {
  std::string path;  // below the project's folder
  std::string text;
};

// Folders end with `/`. Each file is valid by the schema of its kind.
std::vector<std::string> folders_of(Tier tier);
std::vector<NewFile> files_of(const NewProject& project);

// What became of it, paths below the project's folder.
struct WrittenProject {
  std::vector<std::string> created;  // folders and files
  std::vector<std::string> kept;     // files that were there before: never changed
};
WrittenProject write_project(FileSystem& files, const std::string& folder,
                             const std::vector<std::string>& folders,
                             const std::vector<NewFile>& new_files);

// Error(kConflict) if it exists.
void write_new_file(FileSystem& files, const std::string& path, std::string_view text);

}  // namespace litmus
