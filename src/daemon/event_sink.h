// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

// An event on its way to subscribers. Shared by all of them, never changed.
struct StreamedEvent {
  std::int64_t event_number = 0;
  Uuid writer_id;
  std::int64_t seq = 0;
  Timestamp occurred_at;
  Timestamp received_at;
  std::string id;
  std::string event_type;
  std::string session_id;
  std::optional<std::string> run_id;
  std::string json;
};

// Takes events the moment they are read from the files: per writer in the order of emission, each
// once, with rising event numbers. Called by the feed's thread; must not block and must not throw.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(std::shared_ptr<const StreamedEvent> event) = 0;
};

}  // namespace litmus
