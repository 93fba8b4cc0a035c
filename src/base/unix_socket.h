// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace litmus {

// Whether a process takes connections at this Unix socket. A process that is being killed does not
// any more, though the kernel may free its locks a moment later.
bool takes_connections(const std::string& socket_path);

}  // namespace litmus
