// SPDX-License-Identifier: Apache-2.0
#include "index/run_file_ingest.h"

#include <arrow/record_batch.h>
#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "index/index_fixture.h"
#include "store/run_file.h"

namespace litmus {
namespace {

std::string publish(const TemporaryFolder& folder, std::string_view run_id,
                    const std::string& serial) {
  RunFile file;
  file.folder = folder.path();
  file.stem = serial;
  file.run_id = run_id;
  publish_run_file(posix_file_system(), file, *run_rows(small_run(run_id, serial)));
  return folder / (serial + ".parquet");
}

TEST(RunFileIngestTest, GoodFilesAreIndexedAndBadOnesAreTold) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths{publish(folder, kRunA, "SN1"), publish(folder, kRunB, "SN2"),
                                       folder.write("bad.parquet", "PAR1 no"),
                                       folder / "gone.parquet"};
  Index index({});
  ingest_run_files(posix_file_system(), index, paths);
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial, file_path FROM runs ORDER BY 1"),
            "SN1|" + paths[0] + "\nSN2|" + paths[1]);
  EXPECT_EQ(answer(index, "SELECT count(*), min(in_load), min(dut_part_number) FROM measurements"),
            "4|0.5|PN-1");
  ASSERT_EQ(index.broken_files().size(), 1U);
  EXPECT_EQ(index.broken_files()[0].file.path, paths[2]);
  EXPECT_EQ(index.broken_files()[0].file.size, 7U);
}

TEST(RunFileIngestTest, WholeFileGivesTheSameRowsAsItsReader) {
  const TemporaryFolder folder;
  const std::string path = publish(folder, kRunA, "SN1");
  Index from_file({});
  ingest_run_files(posix_file_system(), from_file, {path});
  from_file.commit();
  Index from_rows({});
  from_rows.put_run(*run_rows(small_run(kRunA, "SN1")), indexed_file(path));
  from_rows.commit();
  for (const char* sql : {"FROM runs", "FROM steps", "FROM measurements ORDER BY row_seq"}) {
    EXPECT_EQ(answer(from_file, sql), answer(from_rows, sql)) << sql;
  }
}

TEST(RunFileIngestTest, StopsWhenItIsTold) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths{publish(folder, kRunA, "SN1"),
                                       publish(folder, kRunB, "SN2")};
  Index index({});
  RunFileIngest how;
  how.threads = 1;
  how.go_on = [](std::int64_t done) { return done == 0; };
  ingest_run_files(posix_file_system(), index, paths, how);
  index.commit();
  EXPECT_EQ(answer(index, "SELECT dut_serial FROM runs"), "SN1");
}

}  // namespace
}  // namespace litmus
