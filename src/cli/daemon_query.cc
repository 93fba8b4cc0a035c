// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_query.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/file_system.h"
#include "cli/commands.h"
#include "cli/index_progress.h"
#include "litmus/error.h"
#include "litmus/queries.h"
#include "reader/answer_rows.h"
#include "reader/daemon_client.h"
#include "reader/open_results.h"

namespace litmus {
namespace {

// "query NAME: parameter order_by: expected ..." in the words of the command line.
std::string with_option_name(std::string_view message, std::string_view query) {
  const std::string beginning = fmt::format("query {}: parameter ", query);
  const std::size_t end = message.find(": ", std::min(beginning.size(), message.size()));
  if (!message.starts_with(beginning) || end == std::string_view::npos) return std::string(message);
  std::string option(message.substr(beginning.size(), end - beginning.size()));
  std::ranges::replace(option, '_', '-');
  return fmt::format("--{}{}", option, message.substr(end));
}

}  // namespace

DaemonQuery::DaemonQuery(const std::optional<std::string>& data_dir_option, Console& console)
    : console_(console), data_dir_(resolve_data_dir(data_dir_option)) {
  if (data_dir_option && !posix_file_system().exists(data_dir_)) {
    warn_once(fmt::format("there is no folder {} yet", data_dir_));
  }
}

template <class Question>
auto DaemonQuery::ask(Question question) {
  const IndexProgress progress(data_dir_);
  if (daemon_ == nullptr) {
    daemon_ = std::make_shared<DaemonClient>(data_dir_);
    wait_for_index(*daemon_);
  }
  auto answer = question(*daemon_);
  for (const std::string& warning : daemon_->warnings()) warn_once(warning);
  return answer;
}

std::shared_ptr<arrow::Table> DaemonQuery::query(std::string_view name,
                                                 const ValueMap& parameters) {
  try {
    return ask([&](DaemonClient& daemon) { return read_all(*daemon.query(name, parameters)); });
  } catch (const Error& error) {
    throw Error(error.code(), with_option_name(error.what(), name));
  }
}

std::shared_ptr<arrow::RecordBatchReader> DaemonQuery::sql(std::string_view statement) {
  return ask([&](DaemonClient& daemon) { return daemon.sql(statement); });
}

std::string DaemonQuery::resolve_run(const std::string& id_or_prefix) {
  return ask([&](DaemonClient& /*daemon*/) { return RunsQuery(daemon_).get(id_or_prefix).run_id; });
}

void DaemonQuery::reindex() {
  DaemonClient daemon(data_dir_);
  daemon.reindex();
  daemon.status();  // starts the next one
}

void DaemonQuery::tell_warnings() {
  for (const std::string& warning : warnings_) console_.warn(warning);
}

void DaemonQuery::warn_once(const std::string& warning) {
  if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(warning);
}

}  // namespace litmus
