// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "index/index.h"

namespace litmus {

// Puts the file's rows into the index, reading only the columns that the index has, and returns the
// id of its run. Errors are those of RunFileReader and of Index::put_run; nothing is committed.
std::string put_run_file(FileSystem& files, Index& index, const IndexedFile& file);

struct RunFileIngest {
  // Commits after so many files: then they can be seen, and their memory is free again.
  std::int64_t files_per_commit = 4096;
  int threads = 2;
  // Asked before each file, from any of the threads, with the number of files that are done; the
  // rest is left out when it says no. May be empty.
  std::function<bool(std::int64_t done)> go_on;
};

// Puts run files into the index, of which only the columns that the index has are read. One that
// cannot be used becomes a broken file, with the reason; one that is gone is passed over. The last
// commit is left to the caller, who may have more. Error where the index cannot be written.
void ingest_run_files(FileSystem& files, Index& index, const std::vector<std::string>& paths,
                      const RunFileIngest& how = {});

}  // namespace litmus
