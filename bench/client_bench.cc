// SPDX-License-Identifier: Apache-2.0
// Whole runs through litmus::Client, and what sealing them costs. DATA_DIR is new.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "figures.h"
#include "litmus/client.h"
#include "litmus/error.h"
#include "project/materializer.h"

namespace {

using namespace litmus;

constexpr int kMeasurementsPerStep = 10;
constexpr int kMeasurementsPerLargeStep = 1000;

// Records a run of random values, up to but without its finish(). Each is of another device: run
// files of one device and second would have to be told apart, which costs time.
Run record(Client& client, int steps, std::mt19937_64& random,
           int per_step = kMeasurementsPerStep) {
  static int devices = 0;
  const std::string serial = "SN" + std::to_string(++devices);
  Run run = client.start_run({.dut_serial = serial, .station_id = "bench_1"});
  std::normal_distribution<double> volts(3.3, 0.05);
  for (int number = 0; number < steps; ++number) {
    Step step = run.step("step_" + std::to_string(number));
    for (int i = 0; i < per_step; ++i) {
      step.measure("voltage_" + std::to_string(i), volts(random),
                   {.units = "V", .low = 3.1, .high = 3.5});
    }
  }
  return run;
}

void require_readable(const Client& client, const RunSummary& summary, int measurements) {
  const auto found = client.get_run(summary.run_id);
  if (!found || found->total_measurements != measurements || !found->file_path) {
    throw Error(Code::kNotFound, "the run cannot be read although finish() has returned");
  }
}

void whole_run(Client& client, std::mt19937_64& random) {
  constexpr int kSteps = 1000;
  std::vector<double> taken;
  for (int repetition = 0; repetition < 5; ++repetition) {
    const auto start = bench::Clock::now();
    Run run = record(client, kSteps, random);
    const RunSummary summary = run.finish();
    taken.push_back(bench::microseconds_since(start));
    require_readable(client, summary, kSteps * kMeasurementsPerStep);
  }
  bench::print_figure("client run C++, 1,000 x 10", bench::percentile(taken, 50) / 1e6);
}

void finish_small_runs(Client& client, std::mt19937_64& random) {
  std::vector<double> taken;
  for (int repetition = 0; repetition < 100; ++repetition) {
    Run run = record(client, 10, random);
    const auto start = bench::Clock::now();
    const RunSummary summary = run.finish();
    taken.push_back(bench::microseconds_since(start) / 1e3);
    require_readable(client, summary, 100);
  }
  bench::print_figure("finish, 100 measurements, p50", bench::percentile(taken, 50));
  bench::print_figure("finish, 100 measurements, p99", bench::percentile(taken, 99));
}

// From the stored events to the published run file.
void seal(Client& client, std::mt19937_64& random, int measurements, int repetitions) {
  Run run = record(client, measurements / kMeasurementsPerStep, random);
  const RunSummary summary = run.finish();
  require_readable(client, summary, measurements);
  std::vector<double> taken;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    std::filesystem::remove(*summary.file_path);
    const auto start = bench::Clock::now();
    materialize_run(posix_file_system(), client.data_dir(), Uuid::parse(summary.session_id),
                    run.id(), {.started_at = summary.started_at});
    taken.push_back(bench::microseconds_since(start) / 1e3);
  }
  const std::string count = std::to_string(measurements);
  bench::print_figure("seal, " + count + " measurements", bench::percentile(taken, 50));
  bench::print_figure("run file, " + count + " measurements",
                      static_cast<double>(std::filesystem::file_size(*summary.file_path)) / 1e3);
}

// A line of /proc/self/status, in MB.
double memory_mb(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == key + ":" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

// How far the process grows while it seals a run that it had recorded before.
void seal_large(Client& client, std::mt19937_64& random, int measurements) {
  Run run =
      record(client, measurements / kMeasurementsPerLargeStep, random, kMeasurementsPerLargeStep);
  const RunSummary summary = run.finish();
  std::filesystem::remove(*summary.file_path);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak is what it is now
  const double before = memory_mb("VmRSS");
  const auto start = bench::Clock::now();
  materialize_run(posix_file_system(), client.data_dir(), Uuid::parse(summary.session_id), run.id(),
                  {.started_at = summary.started_at});
  const std::string count = std::to_string(measurements);
  bench::print_figure("seal, " + count + " measurements", bench::microseconds_since(start) / 1e3);
  bench::print_figure("memory to seal " + count + " measurements", memory_mb("VmHWM") - before);
  require_readable(client, summary, measurements);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    Client client({.data_dir = argv[1]});
    // NOLINTNEXTLINE(bugprone-random-generator-seed): the same values in every run
    std::mt19937_64 random(1);
    finish_small_runs(client, random);
    whole_run(client, random);
    seal(client, random, 10, 20);
    seal(client, random, 1000, 10);
    seal(client, random, 10'000, 5);
    seal(client, random, 100'000, 1);
    seal_large(client, random, 200'000);
    seal_large(client, random, 1'000'000);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "client_bench: %s\n", error.what());
    return 1;
  }
}
