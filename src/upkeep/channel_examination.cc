// SPDX-License-Identifier: Apache-2.0
#include "upkeep/channel_examination.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/process.h"
#include "channels/journal_recovery.h"
#include "litmus/error.h"
#include "store/channel_registry.h"
#include "store/channel_segment_reader.h"

namespace litmus {
namespace {

constexpr char kArea[] = "channels";
constexpr char kFixAdvice[] = "`litmus doctor --fix`";

void examine_journals(FileSystem& files, const std::string& data_dir, bool fix,
                      std::vector<Finding>& findings) {
  for (const JournalContent& journal : read_journals(files, data_dir)) {
    if (journal.liveness == Liveness::kAlive) continue;
    const std::string what =
        fmt::format("process {} on {} has died and left samples in its journal", journal.owner.pid,
                    journal.owner.host);
    const bool is_ours = journal.liveness == Liveness::kDead;
    findings.push_back({is_ours ? Severity::kProblem : Severity::kNote, kArea, journal.paths[0],
                        what,
                        is_ours ? "whoever writes samples next puts them into the segments; or "
                                  "`litmus doctor --fix`"
                                : "run `litmus doctor --fix` on " + journal.owner.host,
                        false});
    for (const std::string& damage : journal.damages) {
      findings.push_back({Severity::kLost, kArea, journal.paths[0], damage,
                          "bring it back from a copy, if there is one", false});
    }
  }
  if (!fix || findings.empty()) return;
  recover_journals(files, data_dir);
  for (Finding& finding : findings) {
    if (finding.severity != Severity::kProblem || files.exists(finding.path)) continue;
    finding.fixed = true;
    finding.what = "the samples of a dead process were put into the segments";
  }
}

void examine_segment(FileSystem& files, const std::string& path, std::vector<Finding>& findings) {
  const auto report = scan_channel_segment(files.read(path), [](const auto&) {});
  for (const ChannelDamage& damage : report.damages) {
    const bool is_tail = report.header && !report.closed && !report.header->sealed &&
                         &damage == &report.damages.back() && damage.begin >= report.good_end;
    if (is_tail) continue;  // what its writer is in the middle of, or was when it died
    std::string what = describe(path, damage).substr(path.size() + 2);
    findings.push_back({Severity::kLost, kArea, path, std::move(what),
                        "the other samples can be read; bring the segment back from a copy, if "
                        "there is one",
                        false});
  }
}

void examine_registry(FileSystem& files, const std::string& data_dir,
                      const std::set<std::string>& channels, bool fix,
                      std::vector<Finding>& findings) {
  std::string what;
  try {
    const ChannelRegistry registry = read_channel_registry(files, data_dir);
    const auto missing =
        std::ranges::find_if(channels, [&](const auto& id) { return !registry.contains(id); });
    if (missing == channels.end()) return;
    what = fmt::format("channel {} is not in the registry", *missing);
  } catch (const Error& error) {
    what = error.what();
  }
  Finding finding{
      Severity::kProblem, kArea, join_path(channels_folder(data_dir), "_registry.json"), what,
      kFixAdvice,         false};
  if (fix) {
    rebuild_channel_registry(files, data_dir);
    finding.fixed = true;
    finding.what = "made again from the segments";
  }
  findings.push_back(std::move(finding));
}

}  // namespace

std::vector<Finding> examine_channels(FileSystem& files, const std::string& data_dir, bool fix) {
  std::vector<Finding> findings;
  examine_journals(files, data_dir, fix, findings);
  std::set<std::string> channels;
  for (const ChannelSegmentPath& segment : find_channel_segments(files, data_dir)) {
    try {
      // Named by the segments that have rows; one that was just begun may not be known yet.
      const auto head = read_channel_head(files, segment.path);
      if (head && head->header.sealed) channels.insert(head->header.channel_id);
      examine_segment(files, segment.path, findings);
    } catch (const Error& error) {
      if (error.code() == Code::kNotFound) continue;  // removed since it was listed
      findings.push_back({Severity::kLost, kArea, segment.path, error.what(), "", false});
    }
  }
  if (files.exists(channels_folder(data_dir))) {
    examine_registry(files, data_dir, channels, fix, findings);
  }
  return findings;
}

}  // namespace litmus
