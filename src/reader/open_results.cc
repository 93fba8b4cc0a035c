// SPDX-License-Identifier: Apache-2.0
#include "reader/open_results.h"

#include <thread>

#include "litmus/error.h"
#include "reader/daemon_client.h"
#include "reader/daemon_results.h"
#include "results/sealed_runs.h"

namespace litmus {

void wait_for_index(DaemonClient& daemon, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPace{20};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    const ValueMap status = daemon.status();
    const Value* const caught_up = status.find("caught_up");
    if (caught_up == nullptr || *caught_up == Value(true)) return;
    if (std::chrono::steady_clock::now() >= end) return;
    std::this_thread::sleep_for(kPace);
  }
}

std::string without_daemon(const Error& reason) {
  return "from the sealed files, without runs that are going on: " + std::string(reason.what());
}

OpenedResults open_results(const std::string& data_dir,
                           std::function<void(std::size_t, std::size_t)> on_progress) {
  try {
    auto daemon = std::make_shared<DaemonClient>(data_dir);
    wait_for_index(*daemon);
    return {std::make_unique<DaemonResults>(std::move(daemon)), std::nullopt};
  } catch (const Error& error) {
    if (error.code() != Code::kUnavailable) throw;
    auto sealed = std::make_unique<SealedRuns>(data_dir);
    sealed->on_progress(std::move(on_progress));
    return {std::move(sealed), without_daemon(error)};
  }
}

}  // namespace litmus
