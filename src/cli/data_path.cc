// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/commands.h"
#include "cli/console.h"
#include "config/data_dir.h"

namespace litmus {

Command data_path_command() {
  auto data_dir = std::make_shared<std::optional<std::string>>();
  return {.name = "path",
          .summary = "print the data directory; on a terminal also which rule chose it",
          .details = "Examples:\n  ls \"$(litmus data path)\"/runs",
          .options = {data_dir_option(*data_dir)},
          .run = [data_dir](Console& console) {
            const DataDir found = resolve_data_dir(posix_file_system(), *data_dir);
            console.print(found.path + "\n");
            if (console.is_terminal()) {
              console.print_styled(Style::kDim, "by " + found.detail + "\n");
            }
            return kSuccess;
          }};
}

}  // namespace litmus
