// SPDX-License-Identifier: Apache-2.0
// Makes a data directory with the runs of a year, event files and run files, as the product's own
// writer stores them; only syncing each of them is left out, once at the end is enough.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/forwarding_file_system.h"
#include "history/plan.h"
#include "history/recorded_run.h"
#include "history/test_program.h"
#include "litmus/error.h"

namespace {

using namespace litmus;
using Clock = std::chrono::steady_clock;

class UnsyncedFile final : public WritableFile {
 public:
  explicit UnsyncedFile(std::unique_ptr<WritableFile> file) : file_(std::move(file)) {}
  void append(Bytes bytes) override { file_->append(bytes); }
  void sync() override {}
  void close() override { file_->close(); }
  std::uint64_t size() const override { return file_->size(); }
  const std::string& path() const override { return file_->path(); }

 private:
  std::unique_ptr<WritableFile> file_;
};

class UnsyncedFileSystem final : public ForwardingFileSystem {
 public:
  std::unique_ptr<WritableFile> open_for_append(const std::string& path, Create create) override {
    return std::make_unique<UnsyncedFile>(ForwardingFileSystem::open_for_append(path, create));
  }
  void sync_folder(const std::string&) override {}
};

struct Options {
  std::size_t runs = 1000;
  std::string data_dir;
  std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::size_t measurements = 20;
  std::uint64_t seed = 1;
  std::string until = to_date(now());
};

// The runs in turn, on several threads; stops at the first error.
class Recording {
 public:
  Recording(const Options& options, const history::Plan& plan)
      : data_dir_(options.data_dir),
        plan_(plan),
        program_(history::make_test_program(options.measurements)) {
    std::vector<std::jthread> threads;
    threads.reserve(options.threads);
    for (std::size_t i = 0; i < options.threads; ++i) threads.emplace_back([this] { work(); });
    show_progress();
    threads.clear();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void work() {
    try {
      for (;;) {
        const std::size_t number = next_++;
        if (number >= plan_.runs.size()) return;
        history::record_run(files_, data_dir_, plan_, program_, number);
        ++done_;
      }
    } catch (...) {
      next_ = plan_.runs.size();
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
  }

  void show_progress() {
    while (next_ < plan_.runs.size()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (isatty(STDERR_FILENO) == 0) continue;
      std::fprintf(stderr, "\r%zu of %zu runs", done_.load(), plan_.runs.size());
    }
    if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\033[K");
  }

  UnsyncedFileSystem files_;
  const std::string data_dir_;
  const history::Plan& plan_;
  const std::vector<history::TestStep> program_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> done_ = 0;
  std::mutex mutex_;
  std::exception_ptr error_;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void make_history(const Options& options) {
  const auto start = Clock::now();
  const history::Plan plan =
      history::make_plan(options.runs, options.seed, parse_iso8601(options.until + "T00:00:00Z"));
  posix_file_system().create_folders(options.data_dir);
  const Recording recording(options, plan);
  const double recorded = seconds_since(start);
  ::sync();
  std::printf("%zu runs in %.1f s, %.0f a second; synced %.1f s later\n", options.runs, recorded,
              static_cast<double>(options.runs) / recorded, seconds_since(start) - recorded);
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Makes a data directory with the runs of the year before a day.", "make_history");
  app.add_option("--runs", options.runs, "number of runs")->capture_default_str();
  app.add_option("--data-dir", options.data_dir, "where to; new")->required();
  app.add_option("--threads", options.threads, "threads")->capture_default_str();
  app.add_option("--measurements", options.measurements, "of each run")->capture_default_str();
  app.add_option("--seed", options.seed, "another seed, another history")->capture_default_str();
  app.add_option("--until", options.until, "the day after the last one")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  options.data_dir = absolute_path(options.data_dir);
  make_history(options);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_history: %s\n", error.what());
    return 1;
  }
}
