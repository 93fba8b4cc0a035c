// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/process.h"
#include "store/channel_journal.h"

namespace litmus {

// What the journal of a process holds of one channel, in the order in which it was written.
struct JournalledRows {
  JournalChannel channel;
  std::int64_t announced = 0;   // rows that the registry knows
  std::vector<RowTexts> texts;  // by the numbers below
  std::vector<std::int64_t> seqs;
  std::vector<std::int64_t> timestamps;
  std::vector<double> values;
  std::vector<std::uint8_t> missing;
  std::vector<std::uint8_t> text_numbers;
};

// All journal files of one writer.
struct JournalContent {
  JournalOwner owner;
  Liveness liveness = Liveness::kUnknown;
  std::vector<std::string> paths;
  std::map<std::uint32_t, JournalledRows> channels;  // by their numbers
  std::vector<std::string> damages;
};

// The journals in a data directory; the rows of channels whose segments' names begin with `stem`
// only, where it is given.
std::vector<JournalContent> read_journals(FileSystem& files, const std::string& data_dir,
                                          const std::string& stem = "");

// Puts what dead processes of this user on this host have left in their journals into the segments,
// cuts off what they were writing when they died, ends the segments and compacts them, and removes
// the journals. May be called at any time by any number of processes: what is done already is not
// done twice. Returns what was found damaged.
std::vector<std::string> recover_journals(FileSystem& files, const std::string& data_dir);

}  // namespace litmus
