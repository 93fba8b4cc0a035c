// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "base/terminal.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/event_follower.h"
#include "cli/event_line.h"
#include "cli/event_listing.h"

namespace litmus {
namespace {

// Until a daemon pushes events, the files are looked at so often.
constexpr auto kPace = std::chrono::milliseconds(50);

struct TailOptions {
  EventFilter filter;
  std::int64_t count = 10;
  bool json_lines = false;
  std::optional<std::string> data_dir;
};

// Ends by Ctrl-C, or when nobody reads any more.
int tail(const TailOptions& options, Console& console) {
  const EventMatcher matcher(options.filter);
  FileSystem& files = posix_file_system();
  const std::string data_dir = resolve_data_dir(options.data_dir);
  const auto print = [&](const ListedEvent& event) {
    std::string line;
    if (options.json_lines) {
      line = event.json + "\n";
    } else {
      append_event_line(line, console.canvas(), event);
    }
    console.print(line);
  };

  EventFollower follower(files, data_dir);
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
  return kClosedPipe;
}

}  // namespace

Command events_tail_command() {
  auto options = std::make_shared<TailOptions>();
  std::vector<CommandOption> all = options->filter.identity_options();
  all.push_back({.names = "-n",
                 .help = "first show so many of the events of the last two days",
                 .target = &options->count});
  all.push_back({.names = "--jsonl",
                 .help = "one event as JSON in each line",
                 .target = &options->json_lines});
  all.push_back(data_dir_option(options->data_dir));
  return {.name = "tail",
          .summary = "print events as they are recorded, until Ctrl-C",
          .details =
              "Examples:\n"
              "  litmus events tail\n"
              "  litmus events tail --type 'test.*' --jsonl",
          .options = std::move(all),
          .run = [options](Console& console) { return tail(*options, console); }};
}

}  // namespace litmus
