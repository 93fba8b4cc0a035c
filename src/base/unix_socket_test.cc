// SPDX-License-Identifier: Apache-2.0
#include "base/unix_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/temporary_folder.h"

namespace litmus {
namespace {

TEST(UnixSocket, TakesConnectionsFromListenToClose) {
  const TemporaryFolder folder;
  const std::string path = folder / "socket";
  EXPECT_FALSE(takes_connections(path));
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0) FAIL() << std::strerror(errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_FALSE(takes_connections(path));
  ASSERT_EQ(listen(listener, 1), 0);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(takes_connections(path));  // nobody accepts them
  close(listener);
  EXPECT_FALSE(takes_connections(path));  // though the file is still there
  EXPECT_FALSE(takes_connections(std::string(200, 'x')));
}

}  // namespace
}  // namespace litmus
