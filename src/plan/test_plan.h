// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "plan/cascade.h"
#include "plan/profile.h"
#include "plan/resolved_test.h"

namespace litmus {

// The payloads of the markers of one scope of a test, by sidecar key.
struct InlineMarkers {
  enum class Scope { kModule, kClass, kFunction };
  Scope scope = Scope::kFunction;
  ValueMap payloads;
};

// What the sidecars and the profile of a session say about its tests. One for a session; not for
// several threads at once.
class TestPlan {
 public:
  TestPlan(FileSystem& files, std::optional<Profile> profile, SessionContext context);

  const SessionContext& context() const { return *context_; }

  // `markers`: weakest first. Error(kInvalidArgument) if a file or a marker is broken, or they ask
  // for what cannot be.
  ResolvedTest resolve(const std::string& module_file, const std::vector<std::string>& classes,
                       const std::string& function, const std::vector<InlineMarkers>& markers);

  // Entries of the profile and of the sidecars read so far that no test had: "{place}: `name` ...".
  std::vector<std::string> unused_names() const;

 private:
  // Entries, from a sidecar or a profile, and which of them were used.
  struct Tree {
    std::shared_ptr<const ValueMap> content;
    ConfigSource source;
    std::set<std::string> used = {};
  };

  Tree* sidecar_of(const std::string& module_file);

  FileSystem& files_;
  std::shared_ptr<const SessionContext> context_;
  std::map<std::string, std::optional<Tree>> sidecars_;  // by module; nothing: it has none
  std::vector<Tree> profiles_;                           // parents first
  LimitEntries entries_;
};

// The sidecar of a test module: the file of the same name with the end .yaml.
std::string sidecar_path(const std::string& module_file);

}  // namespace litmus
