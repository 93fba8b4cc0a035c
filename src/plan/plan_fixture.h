// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "base/temporary_folder.h"
#include "config/config_file.h"
#include "litmus/error.h"
#include "plan/entity_files.h"
#include "plan/project_files.h"
#include "plan/test_plan.h"

namespace litmus {

// A project in a folder of its own.
class PlanOfAProject : public ::testing::Test {
 protected:
  ProjectFiles files() const { return {posix_file_system(), folder_.path(), folder_.path()}; }

  // The text of the error, without the path of the folder.
  template <class Act>
  std::string complaint(Act act) const {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      return without_folder(error.what());
    }
    return "no error";
  }

  std::string without_folder(std::string text) const {
    for (std::size_t at; (at = text.find(folder_.path() + "/")) != std::string::npos;) {
      text.erase(at, folder_.path().size() + 1);
    }
    return text;
  }

  // A plan with all that the project has.
  TestPlan plan() const {
    ProjectFiles all = files();
    auto profile =
        all.profiles().all().contains("active") ? all.select_profile("active", {}) : std::nullopt;
    SessionContext context;
    if (auto product = all.select_product({}, {})) {
      context.product = std::make_shared<const Product>(std::move(*product));
    }
    if (auto fixture = all.select_fixture({}, nullptr)) {
      context.fixture = std::make_shared<const Fixture>(std::move(*fixture));
    }
    return {posix_file_system(), std::move(profile), std::move(context)};
  }

  ResolvedTest resolve(const std::vector<InlineMarkers>& markers = {},
                       const std::vector<std::string>& classes = {"TestFan"},
                       const std::string& function = "test_load") const {
    return plan().resolve(folder_ / "tests/test_fan.py", classes, function, markers);
  }

  void sidecar(const std::string& text) const { folder_.write("tests/test_fan.yaml", text); }
  void profile(const std::string& text) const { folder_.write("profiles/active.yaml", text); }

  TemporaryFolder folder_;
};

}  // namespace litmus
