// SPDX-License-Identifier: Apache-2.0
#include <arrow/buffer.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/temporary_folder.h"
#include "litmus/events.h"
#include "model/event.h"
#include "model/event_json.h"
#include "project/materializer.h"
#include "project/projection_fixture.h"
#include "store/data_layout.h"
#include "store/sealed_event_rows.h"

namespace litmus {
namespace {

// The events of a run as its writer leaves them when the session is over: in compressed segments.
class SegmentWriter {
 public:
  explicit SegmentWriter(const std::string& data_dir) : folder_(events_folder(data_dir, kStart)) {
    posix_file_system().create_folders(folder_);
    header_.session_id = Uuid::parse(kSession);
    header_.writer_id = Uuid::random();
    header_.host = "bench-1";
    header_.pid = 4000;
  }

  template <class E>
  void add(E event) {
    event.id = Uuid::random();
    event.session_id = header_.session_id;
    event.run_id = Uuid::parse(kRun);
    event.occurred_at = kStart + std::chrono::milliseconds(next_seq_);
    event.received_at = event.occurred_at;
    if (!rows_) rows_.emplace(header_);
    const std::string id = event.id.to_string();
    json_.clear();
    append_json(json_, Event(event));
    EventRow row;
    row.seq = next_seq_++;
    row.occurred_at = row.received_at = event.occurred_at;
    row.id = id;
    row.event_type = E::kTag;
    row.session_id = kSession;
    row.run_id = kRun;
    row.json = json_;
    rows_->add(row);
    if (next_seq_ - header_.first_seq == kRowsPerSegment) finish();
  }

  void finish() {
    const auto content = rows_->finish();
    const auto file = posix_file_system().open_for_append(
        join_path(folder_, event_file_name(header_.session_id, header_.pid, header_.segment++)),
        FileSystem::Create::kNew);
    file->append({content->data(), static_cast<std::size_t>(content->size())});
    rows_.reset();
    header_.first_seq = next_seq_;
  }

 private:
  std::string folder_;
  EventFileHeader header_;
  std::int64_t next_seq_ = 0;
  std::optional<SealedEventRows> rows_;
  std::string json_;
};

void write_run(const std::string& data_dir, int measurements) {
  SegmentWriter writer(data_dir);
  writer.add(RunStarted{});
  for (int i = 0; i < measurements; ++i) {
    MeasurementRecorded event;
    event.step_name = event.step_path = fmt::format("step_{}", 100 * i / measurements);
    event.measurement_name = fmt::format("voltage_{}", i % 20);
    event.allow_repeat = true;
    event.value = 0.1 * i;
    event.units = "V";
    event.limit_low = -1;
    event.inputs = {{"load", Value(0.5 * i)}};  // each its own
    writer.add(event);
  }
  writer.add(RunEnded{});
  writer.finish();
}

std::int64_t memory_kb(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t value = 0;
    if (word == key + ":" && status >> value) return value;
  }
  return 0;
}

// The most that the process held while it sealed a run.
std::int64_t peak_kb(int measurements) {
  const TemporaryFolder folder;
  write_run(folder.path(), measurements);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const auto sealed =
      materialize_run(posix_file_system(), folder.path(), Uuid::parse(kSession), Uuid::parse(kRun));
  EXPECT_EQ(sealed.measurements, measurements);
  EXPECT_EQ(sealed.problems, std::vector<std::string>{});
  return memory_kb("VmHWM");
}

TEST(Sealing, MemoryDoesNotGrowWithTheNumberOfMeasurements) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer keeps what was freed";
#endif
  // Kept in memory, 200,000 more would take some 80 MB; what allocators keep varies by less.
  constexpr std::int64_t kAllowedKb = 40 * 1024;
  const std::int64_t small = peak_kb(100'000);
  EXPECT_LT(peak_kb(300'000), small + kAllowedKb);
}

}  // namespace
}  // namespace litmus
