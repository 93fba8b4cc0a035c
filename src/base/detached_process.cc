// SPDX-License-Identifier: Apache-2.0
#include "base/detached_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "litmus/error.h"

namespace litmus {
namespace {

[[noreturn]] void fail(const std::string& program, int error) {
  throw Error(Code::kIo, "cannot start " + program + ": " + std::generic_category().message(error));
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// posix_spawn, because fork() copies the page tables of a large process and runs its fork handlers.
// A shell in between starts the program in the background and ends, so that the starter gets no
// child that it would have to wait for some day.
int spawn(const std::string& program, const std::vector<std::string>& arguments, int pipe,
          int kept_open) {
  FileActions files;
  // Out of the way of the numbers that follow.
  constexpr int kFirst = 10;
  posix_spawn_file_actions_adddup2(files.get(), pipe, kFirst);
  posix_spawn_file_actions_adddup2(files.get(), kept_open, kFirst + 1);
  posix_spawn_file_actions_adddup2(files.get(), kFirst, DetachedProcess::kMessagePipe);
  posix_spawn_file_actions_adddup2(files.get(), kFirst + 1, DetachedProcess::kKeptOpen);
  posix_spawn_file_actions_addopen(files.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(files.get(), STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(files.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(files.get(), DetachedProcess::kKeptOpen + 1);
  posix_spawn_file_actions_addchdir_np(files.get(), "/");

  std::vector<std::string> words = {"/bin/sh", "-c", "\"$@\" &", "sh", program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const Attributes attributes;
  pid_t shell = 0;
  const int error =
      posix_spawn(&shell, "/bin/sh", files.get(), attributes.get(), pointers.data(), environ);
  if (error == 0) {
    // Where the starter ignores SIGCHLD or somebody else waited there is nothing left to wait for.
    while (waitpid(shell, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  return error;
}

}  // namespace

DetachedProcess DetachedProcess::start(const std::string& program,
                                       const std::vector<std::string>& arguments, int kept_open) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail(program, errno);
  DetachedProcess process(ends[0]);
  const int error = spawn(program, arguments, ends[1], kept_open);
  close(ends[1]);
  if (error != 0) fail(program, error);
  return process;
}

DetachedProcess::~DetachedProcess() {
  if (pipe_ >= 0) close(pipe_);
}

std::optional<std::string> DetachedProcess::wait_for_message(std::chrono::milliseconds at_most) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + at_most;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    pollfd ready{pipe_, POLLIN, 0};
    const int count = poll(&ready, 1, static_cast<int>(std::max(left.count(), 0L)));
    if (count < 0 && errno != EINTR) return message_;
    if (count == 0) return std::nullopt;
    if (count < 0) continue;
    std::array<char, 4096> bytes{};
    const ssize_t length = read(pipe_, bytes.data(), bytes.size());
    if (length > 0) {
      message_.append(bytes.data(), static_cast<std::size_t>(length));
    } else if (length == 0 || errno != EINTR) {
      return message_;
    }
  }
}

void send_message_to_starter(const std::string& message) {
  std::signal(SIGPIPE, SIG_IGN);  // a starter that does not wait has closed its end
  [[maybe_unused]] const ssize_t written =
      write(DetachedProcess::kMessagePipe, message.data(), message.size());
  close(DetachedProcess::kKeptOpen);
  close(DetachedProcess::kMessagePipe);
}

}  // namespace litmus
