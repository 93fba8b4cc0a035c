// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/file_system.h"
#include "base/private_folder.h"
#include "service/daemon_directory.h"

namespace litmus {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestSocketPath = 107;

// FNV-1a: the name must be the same in every version of the program.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : text) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  }
  return fmt::format("{:016x}", hash);
}

std::string temporary_folder() { return "/tmp/litmus-" + std::to_string(this_user()); }

// Processes of one user must agree on it, in a login session or not: a folder of somebody else (as
// after `sudo`) is none, and the usual one is found without the variable, too.
std::string runtime_folder_path() {
  for (const std::string& folder :
       {environment_variable("XDG_RUNTIME_DIR"), "/run/user/" + std::to_string(this_user())}) {
    if (folder.starts_with('/') && is_own_folder(folder)) return join_path(folder, "litmus");
  }
  return temporary_folder();
}

std::string cache_folder() {
  const std::string cache = environment_variable("XDG_CACHE_HOME");
  if (cache.starts_with('/')) return join_path(cache, "litmus");
  const std::string home = environment_variable("HOME");
  return join_path(home.empty() ? temporary_folder() : join_path(home, ".cache"), "litmus");
}

// An address is a URI: no escapes, so that every Flight client reads it alike.
bool is_plain(const std::string& path) {
  return std::ranges::all_of(path, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("/._-").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string socket_file(const std::string& lock_file) {
  std::string path = lock_file.substr(0, lock_file.rfind('.')) + ".sock";
  if (path.size() <= kLongestSocketPath && is_plain(path)) return path;
  ensure_private_folder(temporary_folder());
  return join_path(temporary_folder(), hash_of(lock_file) + ".sock");
}

}  // namespace

std::string runtime_folder() {
  std::string folder = runtime_folder_path();
  ensure_private_folder(folder);
  return folder;
}

DaemonPlaces daemon_places(const std::string& data_dir) {
  DaemonPlaces places;
  std::error_code error;  // a part that does not exist yet has no links to follow
  places.data_dir = fs::weakly_canonical(absolute_path(data_dir), error).string();
  if (error) places.data_dir = absolute_path(data_dir);
  if (places.data_dir.size() > 1 && places.data_dir.ends_with('/')) places.data_dir.pop_back();
  const std::string name = hash_of(this_process().host + '\0' + places.data_dir);

  const std::string runtime = runtime_folder_path();
  ensure_private_folder(runtime);
  places.lock_file = join_path(runtime, name + ".lock");
  places.start_file = join_path(runtime, name + ".start");
  places.socket_file = socket_file(places.lock_file);

  const std::string cache = cache_folder();
  places.index_file = join_path(cache, name + ".duckdb");
  places.log_file = join_path(cache, name + ".log");
  return places;
}

}  // namespace litmus
