// SPDX-License-Identifier: Apache-2.0
#include "client/environment.h"

#include "base/json_writer.h"
#include "base/process.h"
#include "litmus/version.h"

namespace litmus {

const std::string& environment_snapshot() {
  static const std::string snapshot = [] {
    const OperatingSystem system = operating_system();
    std::string json;
    JsonWriter writer(json);
    writer.begin_object();
    writer.key("os_name");
    writer.value(system.name);
    writer.key("os_version");
    writer.value(system.version);
    writer.key("platform_machine");
    writer.value(system.machine);
    writer.key("litmus_version");
    writer.value(kVersion);
    writer.end_object();
    return json;
  }();
  return snapshot;
}

}  // namespace litmus
