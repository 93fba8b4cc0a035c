// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "litmus/value.h"

namespace litmus {

class ChannelFlights;
class ChannelIntake;
class EventIntake;
class Feed;
class Index;
class SubscriptionService;

// Answers Arrow Flight calls (docs/formats/flight.md) on a Unix socket that only its user can open.
// Owns its threads: one for each call that is going on. What it is given outlives it.
class FlightService {
 public:
  struct Parts {
    Index& index;
    Feed& feed;
    SubscriptionService& subscriptions;
    EventIntake& intake;
    ChannelFlights& channels;
    ChannelIntake& channel_intake;
    std::function<ValueMap()> status;  // for the action `status`
    std::function<void(const std::string&)> log;
    std::function<void(bool drop_index)> stop;  // asks the daemon to end; returns at once
  };

  // Takes calls when it returns. Error(kIo) when it cannot.
  FlightService(Parts parts, const std::string& socket_file);
  ~FlightService();  // as stop(), at once
  FlightService(const FlightService&) = delete;
  FlightService& operator=(const FlightService&) = delete;

  const std::string& address() const;
  std::int64_t running_calls() const;
  // Nothing while calls are going on; else the time since the last one.
  std::chrono::milliseconds idle_time() const;
  // Takes no more calls, cancels those that do not end in time. The socket is gone afterwards.
  void stop(std::chrono::milliseconds patience);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace litmus
