// SPDX-License-Identifier: Apache-2.0
#include "base/resource_lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/temporary_folder.h"
#include "litmus/error.h"

namespace litmus {
namespace {

class LockOfAResource : public ::testing::Test {
 protected:
  void SetUp() override { setenv("LITMUS_LOCK_DIR", (folder_ / "locks").c_str(), 1); }
  void TearDown() override { unsetenv("LITMUS_LOCK_DIR"); }

  static bool is_free(const std::string& resource) {
    return std::holds_alternative<ResourceLock>(ResourceLock::try_take(resource, "other"));
  }

  TemporaryFolder folder_;
};

TEST_F(LockOfAResource, TellsTheOthersWhoHasIt) {
  auto mine = ResourceLock::try_take("GPIB0::7::INSTR", "me");
  ASSERT_TRUE(std::holds_alternative<ResourceLock>(mine));
  const auto theirs = ResourceLock::try_take("GPIB0::7::INSTR", "they");
  EXPECT_EQ(std::get<ResourceLock::Holder>(theirs), "me");
  EXPECT_TRUE(is_free("GPIB0::8::INSTR"));
  std::get<ResourceLock>(mine).release();
  EXPECT_TRUE(is_free("GPIB0::7::INSTR"));
}

TEST_F(LockOfAResource, IsTheSameForAllSpellingsOfAnAddress) {
  const auto lock = ResourceLock::try_take("tcpip::192.0.2.7::instr", "me");
  EXPECT_FALSE(is_free("TCPIP0::192.0.2.7::INSTR"));
  EXPECT_FALSE(is_free("TCPIP0::192.0.2.7::inst0::INSTR"));
  EXPECT_FALSE(is_free("TCPIP::192.0.2.7"));
  EXPECT_TRUE(is_free("TCPIP0::192.0.2.7::inst1::INSTR"));
  EXPECT_TRUE(is_free("TCPIP0::192.0.2.7::5025::SOCKET"));
  EXPECT_TRUE(is_free("TCPIP1::192.0.2.7::INSTR"));
  EXPECT_EQ(canonical_resource("usb::0x1a::0x2b::sn7::0::instr"), "USB0::0X1A::0X2B::SN7::INSTR");
  EXPECT_EQ(canonical_resource("USB0::0x1A::0x2B::SN7"), "USB0::0X1A::0X2B::SN7::INSTR");
  EXPECT_EQ(canonical_resource("GPIB::7"), "GPIB0::7::INSTR");
}

TEST_F(LockOfAResource, AddressesThatDifferInCaseOnlyAreDifferentDevices) {
  const auto lock = ResourceLock::try_take("/dev/ttyUSB0", "me");
  EXPECT_TRUE(is_free("/dev/ttyusb0"));
  EXPECT_TRUE(is_free("-dev-ttyUSB0"));
  EXPECT_FALSE(is_free("/dev/ttyUSB0"));
}

TEST_F(LockOfAResource, NameOfAnySizeWillDo) {
  const auto lock = ResourceLock::try_take(std::string(5000, ':'), "me");
  EXPECT_FALSE(is_free(std::string(5000, ':')));
  EXPECT_TRUE(is_free(std::string(5001, ':')));
}

TEST_F(LockOfAResource, EveryUserOfTheMachineMayTakeIt) {
  const mode_t before = umask(077);
  const auto lock = ResourceLock::try_take("GPIB0::7::INSTR", "me");
  umask(before);
  struct stat status{};
  ASSERT_EQ(stat((folder_ / "locks").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 01777U);
  ASSERT_EQ(stat(std::get<ResourceLock>(lock).path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0666U);
}

TEST_F(LockOfAResource, LinkInPlaceOfTheFolderIsRefused) {
  ASSERT_EQ(symlink("/tmp", (folder_ / "locks").c_str()), 0);
  EXPECT_THROW(ResourceLock::try_take("GPIB0::7::INSTR", "me"), Error);
}

}  // namespace
}  // namespace litmus
