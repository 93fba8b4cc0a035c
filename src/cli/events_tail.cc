// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/terminal.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/event_follower.h"
#include "cli/event_line.h"
#include "cli/event_listing.h"
#include "litmus/error.h"
#include "litmus/event_store.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

// Without a daemon the files are looked at so often; with it, whether anybody still reads.
constexpr auto kPace = std::chrono::milliseconds(50);

struct TailOptions {
  EventFilter filter;
  std::int64_t count = 10;
  bool json_lines = false;
  std::optional<std::string> data_dir;
};

constexpr auto kRecent = std::chrono::hours(48);
constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kMostWaiting = 1000;

using Print = std::function<void(const ListedEvent&)>;

EventRow row_of(const RecordedEvent& event) {
  EventRow row;
  row.seq = event.seq;
  row.received_at = event.received_at;
  row.event_type = event.event_type;
  row.session_id = event.session_id;
  row.run_id = event.run_id;
  row.json = event.json;
  return row;
}

// Events on their way from the subscription's thread to the one that prints, which may be slow.
class WaitingEvents {
 public:
  void put(const RecordedEvent& event) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return events_.size() < kMostWaiting || closed_; });
    events_.push_back(event);
    changed_.notify_all();
  }
  std::vector<RecordedEvent> take() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPace, [this] { return !events_.empty(); });
    changed_.notify_all();
    return std::exchange(events_, {});
  }
  // Nobody takes any more.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<RecordedEvent> events_;
  bool closed_ = false;
};

// Before a subscription ends, its callback must not wait any more.
class Closing {
 public:
  explicit Closing(WaitingEvents& events) : events_(events) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() { events_.close(); }

 private:
  WaitingEvents& events_;
};

// What the daemon can sort out; it knows no beginnings of ids.
EventSelection selection_of(const EventFilter& filter) {
  EventSelection selection{.event_types = filter.types, .role = filter.role.value_or("")};
  if (filter.session && filter.session->size() == kUuidLength) {
    selection.session_id = *filter.session;
  }
  if (filter.run && filter.run->size() == kUuidLength) selection.run_id = *filter.run;
  return selection;
}

// False if there is no daemon.
bool tail_daemon(const TailOptions& options, const std::string& data_dir, Console& console,
                 const Print& print) {
  const EventMatcher matcher(options.filter);
  const auto matches = [&](const RecordedEvent& event) { return matcher.matches(row_of(event)); };
  EventSelection selection = selection_of(options.filter);
  EventStore store(data_dir);
  const auto waiting = std::make_shared<WaitingEvents>();
  std::optional<Subscription> subscription;
  try {
    subscription.emplace(
        store.on_event(selection, [waiting](const RecordedEvent& event) { waiting->put(event); },
                       {.replay = Replay::kNone}));
  } catch (const Error& error) {
    if (error.code() != Code::kUnavailable) throw;
    return false;
  }
  const Closing closing(*waiting);

  selection.since = now() - kRecent;
  std::vector<RecordedEvent> last = store.events(selection);
  std::erase_if(last, std::not_fn(matches));
  last.erase(last.begin(), last.end() - std::min<std::ptrdiff_t>(options.count, std::ssize(last)));
  // What was recorded between the subscription and the question comes in both.
  std::set<std::pair<Uuid, std::int64_t>> printed;
  for (const RecordedEvent& event : last) {
    print(ListedEvent(row_of(event)));
    printed.emplace(event.writer_id, event.seq);
  }
  console.flush();
  while (!is_output_abandoned()) {
    for (const RecordedEvent& event : waiting->take()) {
      if (matches(event) && !printed.contains({event.writer_id, event.seq})) {
        print(ListedEvent(row_of(event)));
      }
    }
    console.flush();
  }
  return true;
}

void tail_files(const TailOptions& options, const std::string& data_dir, Console& console,
                const Print& print) {
  const EventMatcher matcher(options.filter);
  EventFollower follower(posix_file_system(), data_dir);
  std::vector<ListedEvent> last;
  follower.poll([&](const EventRow& row) {
    if (matcher.matches(row)) last.emplace_back(row);
  });
  std::ranges::stable_sort(last, {}, &ListedEvent::received_at);
  const auto shown = std::min<std::ptrdiff_t>(options.count, std::ssize(last));
  std::ranges::for_each(last.end() - shown, last.end(), print);
  last.clear();
  console.flush();
  while (!is_output_abandoned()) {
    follower.poll([&](const EventRow& row) {
      if (matcher.matches(row)) print(ListedEvent(row));
    });
    console.flush();
    std::this_thread::sleep_for(kPace);
  }
}

// Ends by Ctrl-C, or when nobody reads any more.
int tail(const TailOptions& options, Console& console) {
  const std::string data_dir = resolve_data_dir(options.data_dir);
  FileSystem& files = posix_file_system();
  check_event_types(options.filter, files, find_event_files(files, data_dir));
  const Print print = [&](const ListedEvent& event) {
    std::string line;
    if (options.json_lines) {
      line = event.json + "\n";
    } else {
      append_event_line(line, console.canvas(), event);
    }
    console.print(line);
  };
  if (!tail_daemon(options, data_dir, console, print)) {
    tail_files(options, data_dir, console, print);
  }
  return kClosedPipe;
}

}  // namespace

Command events_tail_command() {
  auto options = std::make_shared<TailOptions>();
  std::vector<CommandOption> all = options->filter.identity_options();
  all.push_back({.names = "-n",
                 .help = "first show so many of the events of the last two days",
                 .target = &options->count,
                 .lowest = 0});
  all.push_back({.names = "--jsonl",
                 .help = "one event as JSON in each line",
                 .target = &options->json_lines});
  all.push_back(data_dir_option(options->data_dir));
  return {.name = "tail",
          .summary = "print events as they are recorded, until Ctrl-C",
          .details =
              "Examples:\n"
              "  litmus events tail\n"
              "  litmus events tail --type 'test.*' --jsonl\n\n" +
              event_types_help(),
          .options = std::move(all),
          .run = [options](Console& console) { return tail(*options, console); }};
}

}  // namespace litmus
