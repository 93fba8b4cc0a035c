// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

// A run that its own process will not seal.
struct RunToSeal {
  Uuid run_id;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> end_at;  // set: no end was seen; this is when it was last heard of
  std::string reason;               // why it gets one
  bool again = false;               // it was sealed before; events came afterwards
};

// What dead processes left behind in one session.
struct SessionToRecover {
  Uuid session_id;
  std::optional<Timestamp> started_at;
  std::vector<std::string> event_files;  // of dead writers: to be repaired and compressed
  std::vector<RunToSeal> runs;
  bool end_session = false;  // none of its writers is left, and no end of it was seen
};

// Writes what the dead cannot: repairs the ends of their files, gives their runs an end (aborted,
// synthetic, at the time of the last event), seals them and says so in events, with a writer of its
// own in the same session. What the dead ended themselves, run or session, is not ended again. Each
// step that fails is logged and keeps none of the others from being done; doing it all again
// changes nothing that is done. The caller answers for the processes being dead and the files being
// its own to change.
void recover(FileSystem& files, const std::string& data_dir, const SessionToRecover& session,
             const std::function<void(const std::string&)>& log);

}  // namespace litmus
