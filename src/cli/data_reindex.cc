// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/daemon_query.h"

namespace litmus {

Command data_reindex_command() {
  auto data_dir = std::make_shared<std::optional<std::string>>();
  return {.name = "reindex",
          .summary = "drop the index; it is made again from the stored files",
          .details =
              "No data is touched: the index can be made from the files at any time.\n\n"
              "Examples:\n"
              "  litmus data reindex",
          .options = {data_dir_option(*data_dir)},
          .run = [data_dir](Console& console) {
            DaemonQuery daemon(*data_dir, console);
            daemon.reindex();
            console.print("The index of " + daemon.data_dir() +
                          " is dropped and being made again in the background.\n");
            daemon.tell_warnings();
            return kSuccess;
          }};
}

}  // namespace litmus
