// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "store/run_file.h"

namespace arrow {
class Schema;
class Table;
}  // namespace arrow

namespace parquet::arrow {
class FileReader;
}

namespace litmus {

// One run file, opened: the footer is read, columns when asked for. Files of older and newer
// versions are welcome. Checksums of pages are verified. Every failure is an Error that names the
// file: (kCorrupt), or (kIo) and (kNotFound) where its bytes cannot be had. Owned and called by one
// thread; what it returned may outlive it.
class RunFileReader {
 public:
  RunFileReader(FileSystem& files, std::string path);
  // From bytes in memory; `name` stands for the path in messages.
  RunFileReader(std::string name, std::string bytes);
  ~RunFileReader();
  RunFileReader(const RunFileReader&) = delete;
  RunFileReader& operator=(const RunFileReader&) = delete;

  const std::string& path() const { return path_; }
  std::string run_id() const;
  std::int64_t row_count() const;
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  // Of the footer, without the Arrow schema.
  RunFileMetadata metadata() const;
  std::optional<std::string> metadata(std::string_view key) const;

  std::shared_ptr<arrow::Table> rows() const;
  // Those of the named columns that the file has, in any order. What the footer tells of small
  // files is not read again.
  std::shared_ptr<arrow::Table> columns(const std::vector<std::string>& names) const;

 private:
  void open(std::unique_ptr<FileContent> content);

  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace litmus
