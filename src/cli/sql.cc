// SPDX-License-Identifier: Apache-2.0
#include <arrow/record_batch.h>
#include <arrow/table.h>

#include <iostream>
#include <iterator>
#include <memory>

#include "base/error_codes.h"
#include "base/terminal.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/daemon_query.h"
#include "cli/sql_output.h"
#include "litmus/error.h"
#include "reader/answer_rows.h"

namespace litmus {
namespace {

struct SqlOptions {
  std::string statement;
  bool csv = false;
  bool json = false;
  bool arrow = false;
  std::optional<std::string> data_dir;
};

void check(const SqlOptions& options, const Console& console) {
  if ((options.csv ? 1 : 0) + (options.json ? 1 : 0) + (options.arrow ? 1 : 0) > 1) {
    throw Error(Code::kInvalidArgument, "one of --csv, --json and --arrow, not several");
  }
  if (options.arrow && console.is_terminal()) {
    throw Error(Code::kInvalidArgument,
                "--arrow writes bytes that are nothing for a terminal: redirect them to a file or "
                "a program");
  }
}

void print_answer(const SqlOptions& options, arrow::RecordBatchReader& answer, Console& console) {
  if (options.csv) {
    print_csv(answer, console);
  } else if (options.json) {
    print_json(answer, console);
  } else if (options.arrow) {
    print_arrow(answer, console);
  } else {
    print_sql_table(*read_all(answer), console);
  }
}

int run_sql(const SqlOptions& options, Console& console) {
  check(options, console);
  const std::string statement =
      options.statement == "-"
          ? std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>())
          : options.statement;
  DaemonQuery daemon(options.data_dir, console);
  std::shared_ptr<arrow::RecordBatchReader> answer;
  try {
    answer = daemon.sql(statement);
  } catch (const Error& error) {
    console.error(error.what());
    if (const auto marked = marked_line(statement, error.what())) {
      write_text(Stream::kError, *marked);
    }
    return mapping_of(error.code()).exit_status;
  }
  print_answer(options, *answer, console);
  daemon.tell_warnings();
  return kSuccess;
}

}  // namespace

Command sql_command() {
  auto options = std::make_shared<SqlOptions>();
  return {
      .name = "sql",
      .summary = "ask the recorded data with a SELECT statement",
      .details =
          "Relations: runs, steps, measurements, events, sessions; `DESCRIBE runs` lists\n"
          "columns. The dialect is DuckDB's; nothing can be changed, no file be read.\n\n"
          "Examples:\n"
          "  litmus sql \"SELECT station_id, count(*) FROM runs GROUP BY ALL\"\n"
          "  litmus sql --csv \"FROM measurements WHERE measurement_name = 'vout'\" > vout.csv\n"
          "  litmus sql --arrow - < question.sql > answer.arrows",
      .options = {{.names = "STATEMENT",
                   .help = "one SELECT statement; - reads it from standard input",
                   .target = &options->statement,
                   .required = true},
                  {.names = "--csv",
                   .help = "comma separated, with a line of names; NULL is empty",
                   .target = &options->csv},
                  json_option(options->json),
                  {.names = "--arrow",
                   .help = "an Arrow IPC stream, with the types of the columns",
                   .target = &options->arrow},
                  data_dir_option(options->data_dir)},
      .run = [options](Console& console) { return run_sql(*options, console); }};
}

}  // namespace litmus
