// SPDX-License-Identifier: Apache-2.0
// Reading event files, a live one of one-row batches and the same one sealed, with and without
// making events of the rows' JSON. DATA_DIR is new.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "figures.h"
#include "litmus/error.h"
#include "litmus/event_log.h"
#include "measurement_event.h"
#include "model/event_json.h"
#include "record/background.h"
#include "store/data_layout.h"
#include "store/event_file_reader.h"

namespace {

using namespace litmus;

constexpr int kEvents = 9990;  // fits in one segment
constexpr int kRepetitions = 9;

void read(const std::string& kind, const FileContent& file) {
  for (const bool parse : {false, true}) {
    std::vector<double> taken;
    for (int repetition = 0; repetition < kRepetitions; ++repetition) {
      const auto start = bench::Clock::now();
      std::int64_t measurements = 0;
      const auto report = scan_event_file(file.bytes(), [&](const EventRow& row) {
        if (parse)
          measurements += std::holds_alternative<MeasurementRecorded>(parse_event(row.json));
      });
      taken.push_back(bench::microseconds_since(start));
      if (report.rows != kEvents || measurements != (parse ? kEvents : 0)) {
        throw Error(Code::kCorrupt, "the file does not hold what was written");
      }
    }
    const double seconds = bench::percentile(taken, 50) / 1e6;
    const std::string name = (parse ? "read and parse " : "read ") + kind + " event file";
    bench::print_figure(name + ", events", kEvents / seconds);
    if (parse) continue;
    bench::print_figure(name + ", bytes", static_cast<double>(file.bytes().size()) / seconds / 1e6);
    bench::print_figure(kind + " event file, bytes an event",
                        static_cast<double>(file.bytes().size()) / kEvents);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    EventLog log(argv[1], Uuid::random());
    const Uuid run = Uuid::random();
    for (int number = 0; number < kEvents; ++number)
      log.emit(bench::measurement_event(run, number));
    FileSystem& files = posix_file_system();
    const std::string path = find_session_files(files, argv[1], log.session_id()).at(0);
    read("live", *files.read(path));
    log.close();
    background::drain();
    read("sealed", *files.read(path));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "reader_bench: %s\n", error.what());
    return 1;
  }
}
