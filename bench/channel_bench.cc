// SPDX-License-Identifier: Apache-2.0
// What writing samples costs, and how fast a long capture is drawn. DATA_DIR is new. SECONDS is how
// long the streams run: 1,000 channels at 1 kHz in blocks of 100, then 100 channels at 1 kHz sample
// by sample.
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "channels/channel_follower.h"
#include "figures.h"
#include "litmus/channel_store.h"
#include "record/background.h"

namespace {

using namespace litmus;
using bench::Clock;

double seconds_since(Clock::time_point start) { return bench::microseconds_since(start) / 1e6; }

double processor_seconds() {
  struct rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of the calling thread.
double thread_seconds() {
  struct timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// What the process has of its own (RssAnon): without the pages of mapped files, such as journals,
// which the system takes back when it needs them.
double heap_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) * 1024 / 1e6;
  }
  std::abort();
}

std::vector<double> sine(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(static_cast<double>(i) * 1e-4);
  return values;
}

void scalars(const std::string& data_dir) {
  ChannelStore store(data_dir, Uuid::random());
  constexpr int kSamples = 2'000'000;
  const auto start = Clock::now();
  for (int i = 0; i < kSamples; ++i) store.write("dmm.voltage", i * 0.5, {.units = "V"});
  const double rate = kSamples / seconds_since(start);
  bench::print_figure("channel scalar writes C++", store.samples_lost() == 0 ? rate : 0.0);
}

void blocks(const std::string& data_dir) {
  ChannelStore store(data_dir, Uuid::random());
  constexpr int kBlocks = 50;
  const auto values = sine(1'000'000);
  auto start = Clock::now();
  for (int i = 0; i < kBlocks; ++i) store.write_block("daq.ch1", Samples{values, 1e-6});
  bench::print_figure("channel block writes C++, rows",
                      kBlocks * static_cast<double>(values.size()) / seconds_since(start));
  start = Clock::now();
  for (int i = 0; i < kBlocks; ++i) store.write("scope.ch1", Samples{values, 1e-6});
  bench::print_figure("channel block writes C++, waveforms",
                      kBlocks * static_cast<double>(values.size()) / seconds_since(start));
}

void queries(const std::string& data_dir) {
  ChannelStore store(data_dir, Uuid::random());
  const auto values = sine(10'000'000);
  store.write("query.waveform", Samples{values, 1e-6});
  store.write_block("query.rows", Samples{values, 1e-6});
  store.flush();
  background::drain();  // what was written before is being compacted
  for (const char* channel : {"query.waveform", "query.rows"}) {
    ChannelQuery query;
    query.channel_id = channel;
    query.max_points = 1000;
    query.expand = channel == std::string("query.waveform");
    std::vector<double> taken;
    for (int i = 0; i < 5; ++i) {
      const auto start = Clock::now();
      if (store.query(query)->num_rows() != 1000) std::abort();
      taken.push_back(seconds_since(start) * 1e3);
    }
    bench::print_figure(std::string("channel query, 10 M ") +
                            (query.expand ? "samples of a waveform" : "rows") + " to 1,000",
                        bench::percentile(taken, 50));
  }
}

// What the process has of its own, looked at every quarter of a second.
class HeapWatch {
 public:
  // How much more it was in the last quarter of the time than in the second: the first one is the
  // warm-up, in which the channels are made.
  double growth() {
    thread_.request_stop();
    thread_.join();
    const auto part = [this](std::size_t quarter) {
      const std::size_t size = seen_.size() / 4;
      const auto begin = seen_.begin() + static_cast<std::ptrdiff_t>(quarter * size);
      return bench::percentile({begin, begin + static_cast<std::ptrdiff_t>(size)}, 50);
    };
    return part(3) - part(1);
  }
  double most() const { return *std::ranges::max_element(seen_); }

 private:
  std::vector<double> seen_;
  std::jthread thread_{[this](const std::stop_token& token) {
    while (!token.stop_requested()) {
      seen_.push_back(heap_megabytes());
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
  }};
};

// Writes `channels` channels at 1 kHz; the figures say what is lost, what it costs, and how memory
// grows.
void stream(const std::string& data_dir, const std::string& name, int channels, std::size_t block,
            double seconds) {
  background::drain();  // what was written before is being compacted
  ChannelStore store(data_dir, Uuid::random());
  std::vector<std::string> ids;
  for (int i = 0; i < channels; ++i) ids.push_back("daq.ch" + std::to_string(i));
  std::vector<double> values(block);
  std::iota(values.begin(), values.end(), 0.0);
  const auto start = Clock::now();
  const auto tick = std::chrono::milliseconds(block);
  const auto ticks = static_cast<int>(seconds * 1000 / static_cast<double>(block));
  const double processor_before = processor_seconds();
  const double thread_before = thread_seconds();
  double slowest = 0.0;  // after the first tenth, in which the channels are made
  std::atomic<bool> ended = false;
  std::atomic<std::int64_t> seen = 0;
  ChannelFollower follower(posix_file_system(), data_dir, {});
  double follower_seconds = 0.0;
  HeapWatch heap;
  std::thread subscriber([&] {
    const auto count = [&](const FollowedRows& found) { seen += found.rows->num_rows(); };
    for (bool is_last = false; follower.read(count, std::chrono::milliseconds(50)) || !is_last;) {
      is_last = ended;
    }
    follower_seconds = thread_seconds();
  });
  for (int i = 0; i < ticks; ++i) {
    std::this_thread::sleep_until(start + i * tick);
    for (const std::string& id : ids) {
      const auto call = Clock::now();
      if (block == 1) {
        store.write(id, i);
      } else {
        store.write_block(id, Samples{values, 1e-3});
      }
      if (i > ticks / 10) slowest = std::max(slowest, bench::microseconds_since(call));
    }
  }
  const double taken = seconds_since(start);
  const double producer = thread_seconds() - thread_before;
  bench::print_figure(name + ", memory growth", heap.growth());
  bench::print_figure(name + ", memory at most", heap.most());
  store.flush();
  ended = true;
  subscriber.join();
  const double all = processor_seconds() - processor_before - follower_seconds;
  bench::print_figure(name + ", lost", static_cast<double>(store.samples_lost()));
  bench::print_figure(name + ", behind", taken / seconds);
  bench::print_figure(name + ", producer", 100 * producer / taken);
  bench::print_figure(name + ", subscriber", 100 * follower_seconds / taken);
  bench::print_figure(name + ", store's threads", 100 * (all - producer) / taken);
  bench::print_figure(name + ", slowest write", slowest);
  const auto closing = Clock::now();
  store.close();
  bench::print_figure(name + ", close", seconds_since(closing));
  std::int64_t rows = 0;
  for (const std::string& id : {ids.front(), ids.back()}) {
    ChannelQuery query;
    query.channel_id = id;
    rows += store.query(query)->num_rows();
  }
  const std::int64_t written = std::int64_t{ticks} * channels * static_cast<std::int64_t>(block);
  bench::print_figure(name + ", not delivered live", static_cast<double>(written - seen));
  if (rows != 2 * ticks * static_cast<std::int64_t>(block)) {
    std::fprintf(stderr, "%s: expected %lld rows, found %lld\n", name.c_str(),
                 2LL * ticks * static_cast<long long>(block), static_cast<long long>(rows));
    std::exit(1);
  }
}

// In a process of its own, so that none finds the memory that another has left.
template <class Part>
void measure(const Part& part) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    part();
    std::exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return 2;
  const std::string data_dir = argv[1];
  const double seconds = argc == 3 ? std::atof(argv[2]) : 5.0;
  measure([&] { scalars(data_dir + "/scalars"); });
  measure([&] { blocks(data_dir + "/blocks"); });
  measure([&] { queries(data_dir + "/queries"); });
  measure(
      [&] { stream(data_dir + "/many", "1,000 channels in blocks of 100", 1000, 100, seconds); });
  measure([&] { stream(data_dir + "/single", "100 channels, sample by sample", 100, 1, seconds); });
  return 0;
}
