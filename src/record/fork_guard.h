// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

// What writes in the background or under a lock is registered here, so that fork finds it in a
// state that the child can use.
namespace litmus::fork_guard {

struct Entry {
  const void* owner = nullptr;
  std::function<void()> lock;
  std::function<void()> unlock;
  // In the child, with the lock held: files, numbers and threads belong to the parent.
  std::function<void()> become_own_writer;
};

void add(Entry entry);
void remove(const void* owner);

}  // namespace litmus::fork_guard
