// SPDX-License-Identifier: Apache-2.0
#include "base/folder_watcher.h"

#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace litmus {
namespace {

constexpr auto kPollPace = std::chrono::seconds(1);
constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE |
                                  IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK;

// Other machines may write here, which this one's kernel does not see.
bool is_shared_with_other_machines(const std::string& folder) {
  constexpr std::array<std::uint32_t, 9> kNetwork{
      NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, AFS_SUPER_MAGIC,
      AFS_FS_MAGIC,    CEPH_SUPER_MAGIC, CODA_SUPER_MAGIC, FUSE_SUPER_MAGIC};
  struct statfs status{};
  if (::statfs(folder.c_str(), &status) != 0) return false;
  return std::ranges::find(kNetwork, static_cast<std::uint32_t>(status.f_type)) != kNetwork.end();
}

FolderChange::Kind kind_of(std::uint32_t mask) {
  if ((mask & (IN_CREATE | IN_MOVED_TO)) != 0) return FolderChange::Kind::kAppeared;
  if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) return FolderChange::Kind::kGone;
  return FolderChange::Kind::kWritten;
}

}  // namespace

// Without inotify (no memory, no descriptors left) every folder is polled.
FolderWatcher::FolderWatcher() : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FolderWatcher::~FolderWatcher() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool FolderWatcher::watch(const std::string& folder) {
  const int watch = ::inotify_add_watch(descriptor_, folder.c_str(), kEvents);
  if (watch < 0) return false;
  folders_[watch] = folder;
  watches_[folder] = watch;
  return true;
}

void FolderWatcher::add(const std::string& folder) {
  if (watches_.contains(folder)) return;
  if (watch(folder) && !is_shared_with_other_machines(folder)) {
    polled_.erase(folder);
  } else {
    polled_.insert(folder);
  }
}

void FolderWatcher::remove(const std::string& folder) {
  polled_.erase(folder);
  const auto place = watches_.find(folder);
  if (place == watches_.end()) return;
  ::inotify_rm_watch(descriptor_, place->second);
  folders_.erase(place->second);
  watches_.erase(place);
}

std::vector<FolderChange> FolderWatcher::read(bool poll_now) {
  std::vector<FolderChange> changes;
  read_pending(changes);
  if (polled_.empty()) return changes;
  const auto time = std::chrono::steady_clock::now();
  if (!poll_now && time < next_poll_) return changes;
  next_poll_ = time + kPollPace;
  const std::vector<std::string> polled(polled_.begin(), polled_.end());
  for (const std::string& folder : polled) {
    add(folder);  // it may exist by now, or a watch may have become free
    changes.push_back({FolderChange::Kind::kLookAgain, false, folder, ""});
  }
  return changes;
}

void FolderWatcher::read_pending(std::vector<FolderChange>& changes) {
  alignas(inotify_event) std::array<char, 64 * 1024> buffer{};
  while (true) {
    const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    for (const char* at = buffer.data(); at < buffer.data() + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      if ((event->mask & IN_Q_OVERFLOW) != 0) {
        for (const auto& [watch, folder] : folders_) {
          changes.push_back({FolderChange::Kind::kLookAgain, false, folder, ""});
        }
        continue;
      }
      const auto place = folders_.find(event->wd);
      if (place == folders_.end()) continue;  // told before the watch was taken away
      if ((event->mask & IN_IGNORED) != 0) {  // the folder is gone, and may be made anew
        polled_.insert(place->second);
        watches_.erase(place->second);
        folders_.erase(place);
        continue;
      }
      if (event->len == 0) continue;
      changes.push_back({kind_of(event->mask), (event->mask & IN_ISDIR) != 0, place->second,
                         std::string(event->name)});
    }
  }
}

}  // namespace litmus
