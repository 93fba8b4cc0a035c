// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.h"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "base/file_system.h"
#include "base/log_file.h"
#include "base/private_folder.h"
#include "channels/journal_recovery.h"
#include "daemon/channel_flights.h"
#include "daemon/channel_intake.h"
#include "daemon/event_intake.h"
#include "daemon/feed.h"
#include "daemon/flight_service.h"
#include "daemon/index_history.h"
#include "daemon/subscription_hub.h"
#include "daemon/subscription_stream.h"
#include "index/index.h"
#include "litmus/error.h"
#include "litmus/time.h"
#include "litmus/version.h"

namespace litmus {
namespace {

using std::chrono::milliseconds;
constexpr auto kLook = milliseconds(250);       // at signals, and whether there is anything to do
constexpr auto kPatience = milliseconds(2000);  // with calls when it ends
constexpr auto kLongestEnd = std::chrono::seconds(30);
// Not at once: a disk that is full may be so for a while, and the next daemon would end as well.
constexpr auto kLongestIncomplete = std::chrono::seconds(30);

// Without it there is no log, and the index is in memory.
void make_cache_folder(const std::string& path) {
  try {
    std::filesystem::create_directories(parent_folder(path));
    ensure_private_folder(path);
  } catch (const std::exception&) {
    return;
  }
}

// The index is only a copy: where its file cannot be had it lives in memory, and `path` is empty.
std::unique_ptr<Index> open_index(std::string& path, LogFile& log) {
  try {
    auto index = std::make_unique<Index>(Index::Options{.path = path});
    if (!index->why_made_anew().empty()) {
      log.write("makes the index anew: " + index->why_made_anew());
    }
    return index;
  } catch (const Error& error) {
    log.write(fmt::format("keeps the index in memory: {}", error.what()));
    path.clear();
    return std::make_unique<Index>(Index::Options{});
  }
}

class Daemon {
 public:
  Daemon(const DaemonOptions& options, LogFile& log)
      : options_(options),
        log_(log),
        index_file_(options.places.index_file),
        index_(open_index(index_file_, log)),
        hub_(index_->last_event_number()),
        feed_({.data_dir = options.places.data_dir,
               .log = [this](const std::string& line) { log_.write(line); }},
              *index_, &hub_),
        history_(*index_, feed_),
        subscriptions_(hub_, history_),
        intake_(options.places.data_dir),
        channels_(posix_file_system(), options.places.data_dir),
        channel_intake_(options.places.data_dir,
                        [this](const std::string& line) { log_.write(line); }),
        service_({.index = *index_,
                  .feed = feed_,
                  .subscriptions = subscriptions_,
                  .intake = intake_,
                  .channels = channels_,
                  .channel_intake = channel_intake_,
                  .status = [this] { return status(); },
                  .log = [this](const std::string& line) { log_.write(line); },
                  .stop =
                      [this](bool drop_index) {
                        if (drop_index) drop_index_ = true;
                        StopSignals::send_to_this_process();
                      }},
                 options.places.socket_file) {}

  const std::string& address() const { return service_.address(); }
  bool must_drop_index() const { return drop_index_; }

  // Why it ended.
  std::string wait(const DaemonLock& lock, StopSignals& signals) {
    FileSystem& files = posix_file_system();
    const std::string& data_dir = options_.places.data_dir;
    bool has_data = false;
    while (!signals.wait(kLook)) {
      if (!lock.is_in_place()) return "its lock file is gone";
      const bool exists = files.exists(data_dir);
      has_data = has_data || exists || feed_.state().last_event_number > 0;
      if (has_data && !exists) return "its data directory is gone";
      if (const auto reason = trouble_with_index()) return *reason;
      recover_samples();
      if (options_.idle && idle_time() > *options_.idle) return "nothing to do";
    }
    return "asked to";
  }

  void stop() {
    subscriptions_.close();
    channels_.close();
    // Cancelled calls come back when their queries do.
    const std::jthread impatience([this](const std::stop_token& token) {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any never;
      auto wait = kPatience;
      while (!never.wait_for(lock, token, wait, [&] { return token.stop_requested(); })) {
        index_->interrupt();
        wait = milliseconds(50);
      }
    });
    service_.stop(kPatience);
  }

 private:
  // Why it ends when something could not be read from the index, or written into it.
  std::optional<std::string> trouble_with_index() {
    const bool is_incomplete = feed_.state().index_incomplete;
    const auto condition = is_incomplete ? index_->condition() : Index::Condition::kGood;
    if (index_->is_damaged()) {
      drop_index_ = true;
      return "its index is damaged; the next start makes it anew";
    }
    if (!is_incomplete) return std::nullopt;
    const auto now = std::chrono::steady_clock::now();
    if (!incomplete_since_) incomplete_since_ = now;
    if (condition == Index::Condition::kGood && now - *incomplete_since_ < kLongestIncomplete) {
      return std::nullopt;
    }
    return "its index lacks what could not be written; the next start reads it again";
  }

  // What processes that have died have left in their journals, so that subscribers get it.
  void recover_samples() {
    try {
      for (const auto& damage : recover_journals(posix_file_system(), options_.places.data_dir)) {
        log_.write(damage);
      }
      recovery_failed_ = false;
    } catch (const Error& error) {
      if (!std::exchange(recovery_failed_, true)) log_.write(error.what());
    }
  }

  // New events are work, too: somebody may ask for them in a moment.
  milliseconds idle_time() {
    const FeedState state = feed_.state();
    const auto now = std::chrono::steady_clock::now();
    if (!state.caught_up || state.local_writers > 0 ||
        state.last_event_number != last_event_number_) {
      last_event_number_ = state.last_event_number;
      last_work_ = now;
    }
    return std::min(service_.idle_time(),
                    std::chrono::duration_cast<milliseconds>(now - last_work_));
  }

  ValueMap status() {
    const FeedState state = feed_.state();
    return {{"pid", this_process().pid},
            {"version", kVersion},
            {"protocol", kDaemonProtocol},
            {"address", service_.address()},
            {"data_dir", options_.places.data_dir},
            {"started_at", to_iso8601(started_at_)},
            {"uptime_s", std::chrono::duration<double>(now() - started_at_).count()},
            {"running_calls", service_.running_calls()},
            {"subscribers", subscriptions_.subscriber_count() + channels_.subscriber_count()},
            {"caught_up", state.caught_up},
            {"index_incomplete", state.index_incomplete},
            {"files_indexed", state.files_indexed},
            {"files_to_index", state.files_to_index},
            {"broken_files", state.broken_files},
            {"columns_left_out", index_->columns_left_out()},
            {"running_runs", state.running_runs},
            {"writers", state.writers},
            {"last_event_number", state.last_event_number},
            {"index_file", index_file_},
            {"log_file", options_.places.log_file}};
  }

  const DaemonOptions& options_;
  LogFile& log_;
  const Timestamp started_at_ = now();
  std::atomic<bool> drop_index_ = false;
  std::optional<std::chrono::steady_clock::time_point> incomplete_since_;
  bool recovery_failed_ = false;
  std::string index_file_;
  std::int64_t last_event_number_ = 0;
  std::chrono::steady_clock::time_point last_work_ = std::chrono::steady_clock::now();
  // Each uses those above it.
  std::unique_ptr<Index> index_;
  SubscriptionHub hub_;
  Feed feed_;
  IndexHistory history_;
  FlightSubscriptions subscriptions_;
  FlightEventIntake intake_;
  ChannelFlights channels_;
  ChannelIntake channel_intake_;
  FlightService service_;
};

}  // namespace

void run_daemon(const DaemonOptions& options, DaemonLock& lock, StopSignals& signals) {
  const DaemonPlaces& places = options.places;
  make_cache_folder(parent_folder(places.log_file));
  LogFile log(places.log_file);
  log.write(fmt::format("litmus {} starts for {}", kVersion, places.data_dir));
  try {
    const auto begin = std::chrono::steady_clock::now();
    auto daemon = std::make_unique<Daemon>(options, log);
    lock.announce(daemon->address());
    log.write(fmt::format(
        "takes calls at {} after {:.0f} ms", daemon->address(),
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count()));
    options.on_ready(daemon->address());
    const std::string reason = daemon->wait(lock, signals);
    log.write("ends: " + reason);
    StopSignals::end_process_after(kLongestEnd);
    lock.announce("");
    daemon->stop();
    const bool drop_index = daemon->must_drop_index();
    daemon.reset();
    if (drop_index) remove_index_file(places.index_file);
    log.write("has ended");
  } catch (const std::exception& error) {
    log.write(std::string("failed: ") + error.what());
    throw;
  }
}

}  // namespace litmus
