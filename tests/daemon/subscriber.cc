// SPDX-License-Identifier: Apache-2.0
// Prints a line for each event, `{writer_id} {seq} {event_type}`, until its standard input ends;
// then `cursor {JSON}`, to go on with.
//
//   event_subscriber DATA_DIR CURSOR TYPE...     CURSOR may be empty
#include <cstdio>
#include <exception>
#include <span>
#include <string>

#include "litmus/event_store.h"

namespace {

void subscribe(std::span<char*> arguments) {
  litmus::EventSelection selection;
  for (const char* type : arguments.subspan(3)) selection.event_types.emplace_back(type);
  litmus::EventStore::SubscribeOptions options;
  const std::string after = arguments[2];
  if (!after.empty()) options.after = litmus::EventCursor::from_json(after);
  litmus::EventStore store(arguments[1]);
  const litmus::Subscription subscription = store.on_event(
      selection,
      [](const litmus::RecordedEvent& event) {
        std::printf("%s %lld %s\n", event.writer_id.to_string().c_str(),
                    static_cast<long long>(event.seq), event.event_type.c_str());
        std::fflush(stdout);
      },
      options);
  while (std::getchar() != EOF) {
  }
  const litmus::EventCursor cursor = subscription.cursor();
  std::printf("cursor %s\n", cursor.to_json().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    subscribe({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
