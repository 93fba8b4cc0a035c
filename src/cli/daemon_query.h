// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "litmus/value.h"

namespace arrow {
class RecordBatchReader;
class Table;
}  // namespace arrow

namespace litmus {

class DaemonClient;

// A command's questions to the daemon: says on a terminal how far the index is while an answer
// takes long, and passes on the warnings that come with answers, each once.
class DaemonQuery {
 public:
  DaemonQuery(const std::optional<std::string>& data_dir_option, Console& console);
  DaemonQuery(const DaemonQuery&) = delete;
  DaemonQuery& operator=(const DaemonQuery&) = delete;

  std::shared_ptr<arrow::Table> query(std::string_view name, const ValueMap& parameters);
  std::shared_ptr<arrow::RecordBatchReader> sql(std::string_view statement);
  // The full id of the run that the text is the beginning of.
  std::string resolve_run(const std::string& id_or_prefix);
  void reindex();

  const std::string& data_dir() const { return data_dir_; }
  // For warnings that are found in an answer.
  void warn_once(const std::string& warning);
  void tell_warnings();  // after the results

 private:
  template <class Question>
  auto ask(Question question);

  Console& console_;
  std::string data_dir_;
  std::shared_ptr<DaemonClient> daemon_;
  std::vector<std::string> warnings_;
};

}  // namespace litmus
