// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

// The one background thread of the process: grouped syncs and the rewriting of finished sessions.
// Starts with the first task; what is still waiting when the process exits is done before it ends,
// and what is given to it even later is dropped. Tasks must not throw. After a fork the child has a
// background of its own, with nothing waiting.
namespace litmus::background {

void run_after(std::chrono::milliseconds delay, std::function<void()> task);

// Runs everything that waits now and returns when it is done.
void drain();

// Around fork: no task list may be half-changed in the child.
void lock_for_fork();
void unlock_after_fork_in_parent();
void reset_after_fork_in_child();

}  // namespace litmus::background
