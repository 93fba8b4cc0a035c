// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/event_history.h"

namespace litmus {

class Feed;
class Index;

// The relation `events`. Owns nothing: index and feed outlive it.
class IndexHistory final : public EventHistory {
 public:
  IndexHistory(const Index& index, Feed& feed) : index_(index), feed_(feed) {}

  void sync() override;
  bool is_complete() const override;
  Page page(const EventSelection& selection, const RunIds* runs, std::int64_t after,
            std::int64_t up_to) override;
  std::optional<std::int64_t> first_number_behind(const EventCursor& cursor) override;
  RunIds unmaterialized_runs() override;

 protected:
  EventCursor cursor_at(std::int64_t event_number, Timestamp from) override;

 private:
  const Index& index_;
  Feed& feed_;
};

}  // namespace litmus
