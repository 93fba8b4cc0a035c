// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "litmus/time.h"

namespace arrow {
class RecordBatchReader;
}
namespace arrow::io {
class OutputStream;
}

namespace litmus {

// Each batch that is given to the writer becomes one row group; this is the most that one may hold.
inline constexpr std::int64_t kRowsPerGroup = 128 * 1024;

// Key and value texts of a Parquet footer, in the order in which they are written.
using RunFileMetadata = std::vector<std::pair<std::string, std::string>>;

// Writes Parquet 2.6: zstd where it gains, statistics, page checksums, the Arrow schema, and an
// index of the pages if the run is so large that a column has several. Encodings are chosen by what
// the first batch holds; the same batches give the same bytes. Holds one row group in memory at a
// time.
void encode_run_file(arrow::io::OutputStream& out, arrow::RecordBatchReader& rows,
                     const RunFileMetadata& metadata);

// `20260310T143022Z_SN001`, or the stamp alone where there is no serial.
std::string run_file_stem(Timestamp run_started_at, std::string_view dut_serial);
// `…/20260310T143022Z_SN001_ref`: where the large values of `…/20260310T143022Z_SN001.parquet` are.
std::string run_ref_folder(const std::string& run_file_path);

// The name in a reference to a large value, `file://_ref/{name}` or the bare `_ref/{name}` of older
// producers; nothing for any other text.
std::optional<std::string_view> referenced_name(std::string_view text);

struct RunFilePlace {
  std::string path;
  bool taken;  // by an earlier file of the same run
};

// The run's own file if it has one, else the first free name of stem.parquet, stem_2.parquet, ...:
// two runs of one serial may start in the same second.
RunFilePlace find_run_file_place(FileSystem& files, const std::string& folder,
                                 const std::string& stem, const std::string& run_id);

// A large value that belongs to the run: linked into its _ref folder under `name`.
struct RunBlob {
  std::string source;
  std::string name;
};

struct RunFile {
  std::string folder;
  std::string stem;
  std::string run_id;
  RunFileMetadata metadata;
  std::vector<RunBlob> blobs;
  // `source_events` of the run's own file that this one is to replace; empty: none is known.
  std::string replaces;
};

struct PublishedRun {
  std::string path;
  bool written = true;  // false: somebody else had published the run in the meantime
};

// Writes the file under a temporary name, syncs it, links the blobs and renames it: at every moment
// the name holds the run's old file, or the new one, or nothing, and never another run's. Where
// several do it at once for one run, the first one's file stays: the others change nothing, and may
// look whether they know more events. Everything is on stable storage on return. On an Error
// nothing was changed (or, if the last sync of the folder failed, the new file is there).
PublishedRun publish_run_file(FileSystem& files, const RunFile& file,
                              arrow::RecordBatchReader& rows);

}  // namespace litmus
