// SPDX-License-Identifier: Apache-2.0
#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "litmus/error.h"

namespace litmus {
namespace {

// Closed when it goes.
class End {
 public:
  explicit End(int descriptor) : descriptor_(descriptor) {}
  ~End() { close_now(); }
  End(const End&) = delete;
  End& operator=(const End&) = delete;
  int get() const { return descriptor_; }
  void close_now() {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
  }

 private:
  int descriptor_;
};

[[noreturn]] void fail(const std::string& program, int error) {
  throw Error(Code::kUnavailable,
              "cannot start " + program + ": " + std::generic_category().message(error));
}

pid_t spawn(const std::string& program, const std::vector<std::string>& arguments, int input,
            int output) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, program.c_str(), &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) fail(program, error);
  return child;
}

// Both directions at once: a child that answers before it has read all must not wait for us.
std::string exchange(End& to_child, const End& from_child, std::string_view input) {
  std::string output;
  while (true) {
    if (input.empty()) to_child.close_now();
    std::array<pollfd, 2> ready{pollfd{from_child.get(), POLLIN, 0},
                                pollfd{to_child.get(), POLLOUT, 0}};
    if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return output;
    if (ready[1].revents != 0) {
      const ssize_t sent = send(to_child.get(), input.data(), input.size(), MSG_NOSIGNAL);
      input.remove_prefix(sent < 0 ? input.size() : static_cast<std::size_t>(sent));
    }
    if (ready[0].revents != 0) {
      std::array<char, 65536> bytes{};
      const ssize_t count = ::read(from_child.get(), bytes.data(), bytes.size());
      if (count == 0 || (count < 0 && errno != EINTR)) return output;
      if (count > 0) output.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }
}

}  // namespace

ChildResult run_child(const std::string& program, const std::vector<std::string>& arguments,
                      std::string_view input) {
  std::array<int, 2> output{};
  std::array<int, 2> stream{};  // a socket, so that a child that reads nothing is no signal
  if (pipe2(output.data(), O_CLOEXEC) != 0) fail(program, errno);
  const End from_child(output[0]);
  End output_end(output[1]);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, stream.data()) != 0) {
    fail(program, errno);
  }
  End to_child(stream[0]);
  End input_end(stream[1]);
  fcntl(input_end.get(), F_SETFL, 0);  // the child's end waits
  const pid_t child = spawn(program, arguments, input_end.get(), output_end.get());
  input_end.close_now();
  output_end.close_now();
  ChildResult result;
  result.output = exchange(to_child, from_child, input);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace litmus
