// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "base/process.h"
#include "base/temporary_folder.h"
#include "daemon/feed.h"
#include "index/index.h"
#include "litmus/event_log.h"
#include "project/materializer.h"

namespace litmus {

// Keeps what it gets, and fails the test when an event comes twice or in the wrong order.
class CollectingSink final : public EventSink {
 public:
  void on_event(std::shared_ptr<const StreamedEvent> event) override {
    const std::lock_guard lock(mutex_);
    EXPECT_GT(event->event_number, last_number_);
    last_number_ = event->event_number;
    const auto [place, is_new] = last_seq_.try_emplace(event->writer_id, -1);
    EXPECT_GT(event->seq, place->second) << "of writer " << event->writer_id.to_string();
    place->second = event->seq;
    events_.push_back(std::move(event));
  }

  std::vector<std::shared_ptr<const StreamedEvent>> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  // Of one type.
  std::vector<std::shared_ptr<const StreamedEvent>> events(std::string_view type) const {
    auto found = events();
    std::erase_if(found, [&](const auto& event) { return event->event_type != type; });
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t last_number_ = 0;
  std::map<Uuid, std::int64_t> last_seq_;
  std::vector<std::shared_ptr<const StreamedEvent>> events_;
};

// A session as a test program writes it: one run with a step that measures.
class TestSession {
 public:
  explicit TestSession(const std::string& data_dir, FileSystem* files = nullptr)
      : log_(data_dir, Uuid::random(), options(files)) {}

  void start(const std::string& serial = "SN1") {
    const ProcessIdentity process = this_process();
    SessionStarted session;
    session.host = process.host;
    session.pid = process.pid;
    session.process_started_at = process.started_at;
    log_.emit(session);
    RunStarted run;
    run.run_id = run_id_;
    run.host = process.host;
    run.pid = process.pid;
    run.process_started_at = process.started_at;
    run.dut_serial = serial;
    run.test_phase = "production";
    log_.emit(run);
    InstrumentConnected instrument;
    instrument.role = "dmm";
    instrument.instrument_id = "dmm-1";
    log_.emit(instrument);
  }
  void measure(double value) {
    StepStarted step;
    step.run_id = run_id_;
    step.step_name = step.step_path = "supply/step" + std::to_string(steps_);
    step.step_index = steps_;
    log_.emit(step);
    MeasurementRecorded measurement;
    measurement.run_id = run_id_;
    measurement.step_name = measurement.step_path = step.step_path;
    measurement.step_index = steps_;
    measurement.measurement_name = "voltage";
    measurement.value = value;
    measurement.limit_low = 1.0;
    measurement.outcome = value >= 1 ? Outcome::kPassed : Outcome::kFailed;
    log_.emit(measurement);
    StepEnded ended;
    ended.run_id = run_id_;
    ended.step_name = ended.step_path = step.step_path;
    ended.step_index = steps_++;
    ended.outcome = measurement.outcome;
    log_.emit(ended);
  }
  void end_run(Outcome outcome = Outcome::kPassed) {
    RunEnded ended;
    ended.run_id = run_id_;
    ended.outcome = outcome;
    log_.emit(ended);
  }
  std::string seal() {
    const auto sealed =
        materialize_run(posix_file_system(), log_.data_dir(), log_.session_id(), run_id_);
    RunMaterialized materialized;
    materialized.run_id = run_id_;
    materialized.destination = sealed.path;
    log_.emit(materialized);
    return sealed.path;
  }
  void end_session() {
    log_.emit(SessionEnded{});
    log_.close();
  }
  // All of it.
  std::string record(int measurements, const std::string& serial = "SN1") {
    start(serial);
    for (int i = 0; i < measurements; ++i) measure(i);
    end_run();
    const std::string path = seal();
    end_session();
    return path;
  }

  EventLog& log() { return log_; }
  const Uuid& run_id() const { return run_id_; }
  const Uuid& id() const { return log_.session_id(); }

 private:
  static EventLogOptions options(FileSystem* files) {
    EventLogOptions options;
    options.files = files;
    return options;
  }

  EventLog log_;
  Uuid run_id_ = Uuid::random();
  std::int64_t steps_ = 0;
};

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() { posix_file_system().create_folders(data_dir()); }

  std::string data_dir() const { return folder_ / "data"; }

  void start_feed(bool seal = true) {
    Feed::Options options;
    options.data_dir = data_dir();
    options.seal = seal;
    options.files = files_;
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(log_mutex_);
      log_.push_back(line);
    };
    sink_ = std::make_unique<CollectingSink>();
    feed_ = std::make_unique<Feed>(options, *index_, sink_.get());
  }
  void stop_feed() { feed_.reset(); }

  // Answers as lines: the cells with commas between them.
  std::vector<std::string> ask(const std::string& sql) {
    feed_->sync();
    const auto table = index_->sql(sql)->ToTable().ValueOrDie();
    std::vector<std::string> lines;
    for (std::int64_t row = 0; row < table->num_rows(); ++row) {
      std::string line;
      for (int column = 0; column < table->num_columns(); ++column) {
        if (column > 0) line += ',';
        line += table->column(column)->GetScalar(row).ValueOrDie()->ToString();
      }
      lines.push_back(line);
    }
    return lines;
  }
  std::string answer(const std::string& sql) {
    const auto lines = ask(sql);
    EXPECT_EQ(lines.size(), 1U) << sql;
    return lines.empty() ? "" : lines.front();
  }

  // Waits, but not for ever.
  template <class Condition>
  void wait_until(const Condition& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  void wait_until_caught_up() {
    wait_until([this] { return feed_->state().caught_up; });
  }

  std::vector<std::string> log() const {
    const std::lock_guard lock(log_mutex_);
    return log_;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Index> index_ = std::make_unique<Index>(Index::Options{});
  FileSystem* files_ = nullptr;
  std::unique_ptr<CollectingSink> sink_;
  std::unique_ptr<Feed> feed_;
  mutable std::mutex log_mutex_;
  std::vector<std::string> log_;
};

}  // namespace litmus
