// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "results/results_reader.h"

namespace litmus {

class DaemonClient;
class Error;

// Answers are complete when the index has everything that is on disk. Of a large store that takes
// longer than anybody wants to wait: then they come with a warning.
inline constexpr std::chrono::seconds kIndexPatience{10};
void wait_for_index(DaemonClient& daemon, std::chrono::milliseconds patience = kIndexPatience);

// What the sealed files alone leave out, and why there is no daemon.
std::string without_daemon(const Error& reason);

struct OpenedResults {
  std::unique_ptr<ResultsReader> reader;
  // Absent if the answers come from the daemon and are complete.
  std::optional<std::string> warning;
};

// The daemon's results, or where there is none the sealed files'. `on_progress`: as that of
// SealedRuns.
OpenedResults open_results(
    const std::string& data_dir,
    std::function<void(std::size_t done, std::size_t total)> on_progress = nullptr);

}  // namespace litmus
