// SPDX-License-Identifier: Apache-2.0
#include "index/run_file_ingest.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "index/ingest_column.h"
#include "index/run_ingest.h"
#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/run_file_reader.h"
#include "store/small_run_file_reader.h"

namespace litmus {
namespace {

std::optional<IndexedFile> status_of(FileSystem& files, const std::string& path) {
  const std::optional<FileStatus> status = files.status(path);
  if (!status) return std::nullopt;
  return IndexedFile{path, status->size, status->modified_at.time_since_epoch().count()};
}

void ingest_run_file(FileSystem& files, Index& index, const std::string& path) {
  const std::optional<IndexedFile> file = status_of(files, path);
  if (!file) return;
  try {
    put_run_file(files, index, *file);
  } catch (const Error& error) {
    if (error.code() == Code::kNotFound) return;
    if (error.code() != Code::kCorrupt) throw;
    const std::array gone{path};
    index.remove_files(gone);
    index.put_broken_file({*file, error.what()});
  }
}

}  // namespace

std::string put_run_file(FileSystem& files, Index& index, const IndexedFile& file) {
  const auto content = files.read(file.path);
  if (const auto rows = read_small_run_file(content->bytes(), RunIngest::reads)) {
    const auto reader = value_or_throw(arrow::RecordBatchReader::Make({rows}), "read a run file");
    index.put_run(*reader, file);
    return std::string(IngestColumn(rows->GetColumnByName("run_id")).text(0).value_or(""));
  }
  const RunFileReader reader(files, file.path);
  std::vector<std::string> columns;
  for (const auto& field : reader.schema()->fields()) {
    if (RunIngest::reads(field->name())) columns.push_back(field->name());
  }
  arrow::TableBatchReader rows(reader.columns(columns));
  index.put_run(rows, file);
  return reader.run_id();
}

void ingest_run_files(FileSystem& files, Index& index, const std::vector<std::string>& paths,
                      const RunFileIngest& how) {
  std::atomic<std::size_t> next = 0;
  std::atomic<std::int64_t> done = 0;
  std::atomic<bool> stop = false;
  std::mutex failure_mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < paths.size() && !stop; i = next++) {
        if (how.go_on && !how.go_on(done)) stop = true;
        if (stop) return;
        ingest_run_file(files, index, paths[i]);
        if (++done % how.files_per_commit == 0) index.commit();
      }
    } catch (...) {
      stop = true;
      const std::lock_guard lock(failure_mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < how.threads; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace litmus
