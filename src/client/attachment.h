// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace litmus {

class FileSystem;

// A file or bytes that a user keeps with a run.
class Attachment {
 public:
  explicit Attachment(const std::filesystem::path& file)
      : content_(file), extension_(file.extension().string()) {}
  // `extension` with its dot.
  explicit Attachment(std::span<const std::byte> bytes, std::string extension = ".bin")
      : content_(bytes), extension_(std::move(extension)) {}

  // Copies it into `folder` as {owner8}_{name}.{extension} and returns `file://_ref/{file name}`.
  // Error(kNotFound) if there is no such file to copy. If the copy cannot be stored `on_problem` is
  // told and the result is empty: a full disk does not end a test.
  std::string store(FileSystem& files, const std::string& folder, std::string_view owner8,
                    std::string_view name,
                    const std::function<void(const std::string&)>& on_problem) const;

 private:
  std::variant<std::filesystem::path, std::span<const std::byte>> content_;
  std::string extension_;
};

}  // namespace litmus
