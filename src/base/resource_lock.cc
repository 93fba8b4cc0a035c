// SPDX-License-Identifier: Apache-2.0
#include "base/resource_lock.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ranges>
#include <vector>

#include "base/crc32c.h"
#include "base/file_system.h"
#include "base/process.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr mode_t kEverybodysFolder = 01777;  // as /tmp
constexpr std::size_t kLongestName = 200;    // file systems take 255 bytes

// All users must come to the same answer, so what this one may do does not count.
std::string lock_folder() {
  if (std::string folder = environment_variable("LITMUS_LOCK_DIR"); !folder.empty()) return folder;
  struct stat status{};
  const bool usable = stat("/run/lock/litmus", &status) == 0 ||
                      (stat("/run/lock", &status) == 0 && (status.st_mode & S_IWOTH) != 0);
  return usable ? "/run/lock/litmus" : "/tmp/litmus-locks";
}

void ensure_everybodys_folder(const std::string& path) {
  if (mkdir(path.c_str(), kEverybodysFolder) == 0) {
    chmod(path.c_str(), kEverybodysFolder);  // whatever the umask
  } else if (errno != EEXIST) {
    throw Error(Code::kIo, "cannot create " + path + ": " + std::strerror(errno));
  }
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw Error(Code::kUnauthorized,
                path + " must be a folder, and is none; have it removed, or set LITMUS_LOCK_DIR");
  }
}

bool is_plain(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= 'a' && letter <= 'z') || letter == '-' || letter == '_' || letter == '.';
}

// Different addresses have different files: what a name cannot have is written as %3A.
std::string lock_name(const std::string& resource) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string name;
  for (const char letter : resource) {
    if (is_plain(letter)) {
      name += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    name += '%';
    name += kHex[byte >> 4U];
    name += kHex[byte & 0xFU];
  }
  if (name.size() > kLongestName) {
    const std::string hash = std::to_string(
        crc32c({reinterpret_cast<const std::uint8_t*>(resource.data()), resource.size()}));
    name = name.substr(0, kLongestName - hash.size()) + hash;
  }
  return name + ".lock";
}

std::string read_holder(const std::string& path) {
  try {
    const auto content = posix_file_system().read(path);
    const Bytes bytes = content->bytes();
    return {bytes.begin(), bytes.end()};
  } catch (const Error&) {
    return {};
  }
}

char upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

// Without what VISA takes for granted: the device's LAN name `inst0`, the USB interface 0; with the
// class that is.
std::string without_defaults(std::string_view address, std::string_view bus) {
  constexpr std::string_view kBetween = "::";
  constexpr std::array<std::string_view, 7> kClasses{"INSTR",  "SOCKET",    "RAW",    "INTFC",
                                                     "MEMACC", "BACKPLANE", "SERVANT"};
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(address, kBetween)) {
    parts.emplace_back(part.begin(), part.end());
  }
  if (std::ranges::find(kClasses, parts.back()) == kClasses.end()) parts.emplace_back("INSTR");
  const bool is_device = parts.back() == "INSTR";
  if (is_device && bus == "TCPIP" && parts.size() == 4 && parts[2] == "INST0") {
    parts.erase(parts.begin() + 2);
  }
  if (is_device && bus == "USB" && parts.size() == 6 && parts[4] == "0") {
    parts.erase(parts.begin() + 4);
  }
  std::string canonical;
  for (const std::string_view part : parts) {
    if (!canonical.empty()) canonical += kBetween;
    canonical += part;
  }
  return canonical;
}

}  // namespace

std::string canonical_resource(std::string_view resource) {
  constexpr std::array<std::string_view, 6> kBuses{"TCPIP", "GPIB", "USB", "ASRL", "VXI", "PXI"};
  std::string canonical;
  for (const char letter : resource) canonical += upper(letter);
  const std::size_t colons = canonical.find("::");
  for (const std::string_view bus : kBuses) {
    if (!canonical.starts_with(bus) || colons == std::string::npos) continue;
    if (colons == bus.size()) canonical.insert(colons, "0");
    return without_defaults(canonical, bus);
  }
  return std::string(resource);  // a device or a word of somebody else, whose case may count
}

std::variant<ResourceLock, ResourceLock::Holder> ResourceLock::try_take(const std::string& resource,
                                                                        std::string_view holder) {
  const std::string folder = lock_folder();
  ensure_everybodys_folder(folder);
  std::string path = join_path(folder, lock_name(canonical_resource(resource)));
  auto lock = FileLock::try_take(path, FileLock::Access::kEveryUser);
  if (!lock) return read_holder(path);
  lock->write(holder);
  return ResourceLock(std::move(path), std::move(*lock));
}

void ResourceLock::release() {
  if (!lock_) return;
  lock_->write("");
  lock_.reset();
}

}  // namespace litmus
