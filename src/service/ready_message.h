// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace litmus {

// What a daemon tells the process that started it once it, or another one, takes calls. Everything
// else is the reason why none does.
inline constexpr char kReadyMessage[] = "ready";

}  // namespace litmus
