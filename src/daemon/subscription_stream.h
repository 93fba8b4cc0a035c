// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/flight_hooks.h"
#include "daemon/subscription_hub.h"

namespace litmus {

// Subscriptions as Flight streams: the columns of the relation `events`; the metadata of a batch
// may hold `{"caught_up": true, "cursor": {...}}`, once everything recorded has been delivered, and
// then at most every minute. What waits goes into one batch. Owns nothing.
class FlightSubscriptions final : public SubscriptionService {
 public:
  FlightSubscriptions(SubscriptionHub& hub, EventHistory& history) : hub_(hub), history_(history) {}

  std::unique_ptr<arrow::flight::FlightDataStream> subscribe(
      const ValueMap& request, std::function<bool()> is_cancelled) override;
  std::int64_t subscriber_count() const override { return hub_.subscriber_count(); }
  void close() override { hub_.close(); }

 private:
  SubscriptionHub& hub_;
  EventHistory& history_;
};

}  // namespace litmus
