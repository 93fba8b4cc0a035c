// SPDX-License-Identifier: Apache-2.0
#include "results/run_match.h"

#include <fmt/format.h>

#include <algorithm>

#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::size_t kShortIdLength = 8;

// Enough of the ids to tell them apart.
std::size_t distinct_length(const std::vector<RunSummary>& sorted_by_id) {
  std::size_t length = kShortIdLength;
  for (std::size_t i = 1; i < sorted_by_id.size(); ++i) {
    const auto [a, b] = std::ranges::mismatch(sorted_by_id[i - 1].run_id, sorted_by_id[i].run_id);
    length = std::max(length, static_cast<std::size_t>(a - sorted_by_id[i - 1].run_id.begin()) + 1);
  }
  return length;
}

}  // namespace

bool is_newer(const RunSummary& a, const RunSummary& b) {
  if (a.started_at != b.started_at) return a.started_at > b.started_at;
  return a.run_id < b.run_id;
}

std::string run_id_prefix(const std::string& id_or_prefix) {
  if (id_or_prefix.empty()) {
    throw Error(Code::kInvalidArgument, "the run id is an empty text: give the beginning of one");
  }
  std::string prefix = id_or_prefix;
  for (char& c : prefix) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return prefix;
}

void throw_no_run(const std::string& id_or_prefix, const std::string& where) {
  throw Error(Code::kNotFound, fmt::format("no run with id {} in {}", id_or_prefix, where));
}

void throw_ambiguous(const std::string& id_or_prefix, std::vector<RunSummary> candidates,
                     std::size_t total) {
  std::ranges::sort(candidates, {}, &RunSummary::run_id);
  const std::size_t length = distinct_length(candidates);
  std::ranges::sort(candidates, is_newer);
  std::string list;
  for (const RunSummary& run : candidates) {
    list +=
        fmt::format("{}{} ({}, {})", list.empty() ? "" : ", ", run.run_id.substr(0, length),
                    run.dut_serial.value_or("no serial"),
                    run.started_at ? to_iso8601(*run.started_at).substr(0, 19) + "Z" : "no start");
  }
  if (total > candidates.size()) list += fmt::format(" and {} more", total - candidates.size());
  throw Error(Code::kConflict, fmt::format("run id {} fits {} runs: {}; give more characters of it",
                                           id_or_prefix, total, list));
}

}  // namespace litmus
