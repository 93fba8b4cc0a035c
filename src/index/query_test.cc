// SPDX-License-Identifier: Apache-2.0
#include <arrow/array/array_base.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "index/index.h"
#include "index/index_fixture.h"
#include "index/query_catalogue.h"
#include "litmus/error.h"
#include "model/value_json.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

// The named queries, as data: testdata/*.test. In such a file
//
//   case TITLE              a test; what follows belongs to it
//   runs|steps|measurements|events
//     a table: a line of column names, then a line per row; `-` is null, "" an empty text
//   query NAME {PARAMETERS}
//     the columns that are looked at, then the expected rows, all of them; or `error TEXT`
//
// Lines with # are comments. Columns have the names of the run file, or shorter ones (kShortNames).
// A run is named by a few hex digits, the beginning of its id; where a column is missing it is a
// production run of PN-1 at bench-1 that passed within 10 seconds. A run without outcome and end is
// live.

const std::map<std::string, std::string> kShortNames = {
    {"serial", "dut_serial"},
    {"product", "dut_part_number"},
    {"lot", "dut_lot_number"},
    {"station", "station_hostname"},
    {"phase", "test_phase"},
    {"operator", "operator_id"},
    {"project", "project_name"},
    {"path", "step_path"},
    {"vector", "vector_index"},
    {"attempts", "step_attempts"},
    {"retry", "vector_retry"},
    {"name", "measurement_name"},
    {"value", "measurement_value"},
    {"units", "measurement_units"},
    {"low", "limit_low"},
    {"high", "limit_high"},
    {"slot", "slot_id"},
};

using Row = std::vector<std::string>;

struct Table {
  int line = 0;
  Row columns;
  std::vector<Row> rows;
};

struct Question {
  std::string name;
  std::string parameters;
  Table expected;
  std::string error;
};

struct Case {
  std::string file;
  std::string title;
  std::map<std::string, Table> tables;
  std::vector<Question> questions;
};

std::ostream& operator<<(std::ostream& out, const Case& test) { return out << test.title; }

// Words, and texts in quotes.
Row cells_of(const std::string& line) {
  Row cells;
  std::istringstream in(line);
  std::string cell;
  while (in >> std::ws, !in.eof()) {
    if (in.peek() != '"') {
      in >> cell;
    } else {
      in.get();
      std::getline(in, cell, '"');
      if (cell.empty()) cell = "\"\"";
    }
    cells.push_back(cell);
  }
  return cells;
}

std::vector<Case> load_cases(const std::filesystem::path& file) {
  std::vector<Case> cases;
  std::ifstream in(file);
  Table* table = nullptr;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (const std::size_t comment = line.find('#'); comment != std::string::npos)
      line.resize(comment);
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    const std::size_t blank = std::min(line.find(' ', 1), line.size());
    const std::string rest = blank < line.size() ? line.substr(blank + 1) : "";
    if (line[0] == ' ' && table == nullptr) {
      throw std::runtime_error(fmt::format("{}:{}: a row without a table", file.string(), number));
    }
    if (line[0] == ' ') {
      const Row cells = cells_of(line);
      if (table->columns.empty()) {
        table->columns = cells;
      } else if (cells.size() != table->columns.size()) {
        throw std::runtime_error(fmt::format("{}:{}: {} cells for {} columns", file.string(),
                                             number, cells.size(), table->columns.size()));
      } else {
        table->rows.push_back(cells);
      }
    } else if (line.starts_with("case ")) {
      cases.push_back({file.stem(), rest, {}, {}});
      table = nullptr;
    } else if (line.starts_with("query ")) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      Question& question = cases.back().questions.emplace_back();
      question.name = rest.substr(0, end);
      question.parameters = end < rest.size() ? rest.substr(end + 1) : "{}";
      table = &question.expected;
      table->line = number;
    } else if (line.starts_with("error ")) {
      cases.back().questions.back().error = rest;
      table = nullptr;
    } else {
      table = &cases.back().tables[line];
    }
  }
  return cases;
}

std::vector<Case> all_cases() {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(__FILE__).parent_path() / "testdata";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Case> cases;
  for (const auto& file : files) {
    for (Case& test : load_cases(file)) cases.push_back(std::move(test));
  }
  return cases;
}

std::string whole_id(const std::string& hex) {
  return fmt::format("{:0<8}-0000-4000-8000-000000000000", hex);
}

std::string run_path(const std::string& name) { return "/data/runs/" + name + ".parquet"; }

constexpr std::string_view kEventPath = "/data/events/e.arrow";

Value cell_value(const std::string& column, const std::string& cell) {
  static const std::set<std::string> kIntegers = {"vector_index", "vector_retry", "step_attempts",
                                                  "step_index", "row_seq"};
  if (cell == "-") return {};
  if (cell == "\"\"") return "";
  if (kIntegers.contains(column)) return std::stoll(cell);
  const bool number = column == "measurement_value" || column == "limit_low" ||
                      column == "limit_high" || column.starts_with("in_");
  char* end = nullptr;
  const double parsed = std::strtod(cell.c_str(), &end);
  if (number && end == cell.c_str() + cell.size()) return parsed;
  return cell;
}

// The rows of a table, by the names of the run file, for one run where it is given.
std::vector<ValueMap> rows_of(const Case& test, const std::string& kind, const std::string& run) {
  std::vector<ValueMap> rows;
  const auto found = test.tables.find(kind);
  if (found == test.tables.end()) return rows;
  const Row& columns = found->second.columns;
  for (const Row& cells : found->second.rows) {
    ValueMap row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto known = kShortNames.find(columns[i]);
      const std::string& column = known != kShortNames.end() ? known->second : columns[i];
      row.set(column, cell_value(column, cells[i]));
    }
    if (run.empty() || *row.find("run") == Value(run)) rows.push_back(std::move(row));
  }
  return rows;
}

void set_if_missing(ValueMap& row, std::string_view column, Value value) {
  if (row.find(column) == nullptr) row.set(column, std::move(value));
}

void rename(ValueMap& row, std::string_view from, std::string_view to) {
  ValueMap renamed;
  for (const auto& [name, value] : row)
    renamed.set(name == from ? to : std::string_view(name), value);
  row = std::move(renamed);
}

ValueMap run_row(ValueMap row) {
  rename(row, "outcome", "run_outcome");
  rename(row, "start", "run_started_at");
  rename(row, "end", "run_ended_at");
  set_if_missing(row, "session_id", whole_id("5e"));
  set_if_missing(row, "dut_part_number", "PN-1");
  set_if_missing(row, "station_hostname", "bench-1");
  set_if_missing(row, "test_phase", "production");
  set_if_missing(row, "run_outcome", "passed");
  const Value* seconds = row.find("seconds");
  const double length = seconds == nullptr ? 10 : std::stod(*seconds->get_if<std::string>());
  if (!row.find("run_outcome")->is_null()) {
    const Timestamp start = parse_iso8601(*row.find("run_started_at")->get_if<std::string>());
    set_if_missing(row, "run_ended_at",
                   to_iso8601(start + std::chrono::microseconds(std::llround(length * 1e6))));
  }
  return row;
}

void put_run(Index& index, const Case& test, const ValueMap& given) {
  const std::string name = *given.find("run")->get_if<std::string>();
  const ValueMap run = run_row(given);
  std::vector<ValueMap> rows = {run};
  rows[0].set("record_type", "run");
  for (const char* kind : {"step", "measurement"}) {
    for (ValueMap& row : rows_of(test, std::string(kind) + "s", name)) {
      const std::string outcome = std::string(kind) + "_outcome";
      rename(row, "outcome", outcome);
      rename(row, "start", "step_started_at");
      rename(row, "end", "step_ended_at");
      set_if_missing(row, outcome, "passed");
      set_if_missing(row, "step_path", "step");
      const std::string path = *row.find("step_path")->get_if<std::string>();
      const std::size_t slash = path.rfind('/');
      row.set("step_name", slash == std::string::npos ? path : path.substr(slash + 1));
      row.set("parent_path", slash == std::string::npos ? "" : path.substr(0, slash));
      row.set("record_type", kind);
      for (const auto& [column, value] : run) set_if_missing(row, column, value);
      rows.push_back(std::move(row));
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].set("run_id", whole_id(name));
    rows[i].set("row_seq", static_cast<std::int64_t>(i));
  }
  std::optional<IndexedFile> file;
  const Value* end = run.find("run_ended_at");
  if (!run.find("run_outcome")->is_null() || (end != nullptr && !end->is_null())) {
    file = indexed_file(run_path(name));
  }
  index.put_run(*run_rows(rows), file);
}

void put_events(Index& index, const Case& test) {
  std::int64_t number = 0;
  IndexedEventFile file;
  file.path = kEventPath;
  file.writer_id = Uuid::parse(whole_id("3a"));
  for (const ValueMap& row : rows_of(test, "events", "")) {
    const auto text = [&](const char* column) { return *row.find(column)->get_if<std::string>(); };
    const std::string id = whole_id(fmt::format("e{}", ++number));
    const std::string session = text("session");
    const std::string type = text("type");
    const std::string json = text("json");
    IndexedEvent event;
    event.event_number = number;
    event.writer_id = file.writer_id;
    event.seq = number;
    event.occurred_at = event.received_at = parse_iso8601(text("at"));
    event.id = id;
    event.event_type = type;
    event.session_id = session;
    event.json = json;
    index.put_events({&event, 1});
    file.last_seq = number;
  }
  if (number > 0) index.put_event_file(file);
}

// How a cell of an answer is written in a test.
std::string cell_text(const arrow::Array& column, std::int64_t row) {
  if (column.IsNull(row)) return "-";
  std::string text = value_or_throw(column.GetScalar(row), "read a cell")->ToString();
  if (column.type_id() == arrow::Type::TIMESTAMP) {
    text = text.substr(0, 10) + "T" + text.substr(11, 8);
  }
  return text.empty() ? "\"\"" : text;
}

bool is_same(const std::string& expected, const std::string& found, const arrow::Array& column) {
  if (expected == found) return true;
  if (column.type_id() != arrow::Type::DOUBLE || expected == "-" || found == "-") return false;
  const double a = std::stod(expected);
  const double b = std::stod(found);
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

std::string line_of(const Row& cells) { return fmt::format("{}", fmt::join(cells, " ")); }

void check(const Index& index, const std::string& file, const Question& question) {
  SCOPED_TRACE(fmt::format("testdata/{}.test:{}: query {} {}", file, question.expected.line,
                           question.name, question.parameters));
  const ValueMap parameters = *parse_value(question.parameters).get_if<ValueMap>();
  if (!question.error.empty()) {
    try {
      index.query(question.name, parameters);
      ADD_FAILURE() << "expected an error with: " << question.error;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find(question.error), std::string::npos) << error.what();
    }
    return;
  }
  const auto answer = index.query(question.name, parameters);
  for (const auto& field : answer->schema()->fields()) {
    // What no reader has a plain number for: sums in SQL tend to be 128 bits wide.
    EXPECT_FALSE(arrow::is_decimal(field->type()->id())) << field->ToString();
  }
  const Row& columns = question.expected.columns;
  std::size_t next = 0;
  for (const auto& batch : value_or_throw(answer->ToRecordBatches(), "read the answer")) {
    for (std::int64_t row = 0; row < batch->num_rows(); ++row, ++next) {
      Row found;
      bool same = next < question.expected.rows.size();
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto column = batch->GetColumnByName(columns[i]);
        if (column == nullptr) FAIL() << "the answer has no column " << columns[i];
        found.push_back(cell_text(*column, row));
        same = same && is_same(question.expected.rows[next][i], found[i], *column);
      }
      EXPECT_TRUE(same) << "row " << next + 1 << "\ncolumns  " << line_of(columns) << "\nexpected "
                        << (next < question.expected.rows.size()
                                ? line_of(question.expected.rows[next])
                                : "no more rows")
                        << "\nfound    " << line_of(found);
    }
  }
  EXPECT_EQ(next, question.expected.rows.size()) << "rows";
}

// One index for all cases, since opening one takes longer than a case: each removes what it put.
class QueryTest : public testing::TestWithParam<Case> {
 public:
  static void SetUpTestSuite() { index_ = std::make_unique<Index>(Index::Options{}); }
  static void TearDownTestSuite() { index_.reset(); }

 protected:
  void TearDown() override {
    for (const ValueMap& run : rows_of(GetParam(), "runs", "")) {
      const std::string name = *run.find("run")->get_if<std::string>();
      index_->remove_live_run(Uuid::parse(whole_id(name)));
      index_->remove_files(std::vector{run_path(name)});
    }
    index_->remove_event_files(std::vector{std::string(kEventPath)});
    index_->commit();
  }

  inline static std::unique_ptr<Index> index_;
};

TEST_P(QueryTest, GivesTheExpectedRows) {
  const Case& test = GetParam();
  for (const ValueMap& run : rows_of(test, "runs", "")) put_run(*index_, test, run);
  put_events(*index_, test);
  index_->commit();
  for (const Question& question : test.questions) check(*index_, test.file, question);
}

TEST(QueryCatalogueTest, EveryQueryOfAnEmptyIndexAnswersWithTheColumnsItNames) {
  const Index index({});
  const ValueMap required = {
      {"id", "a1"}, {"by", "station_id"}, {"column", "step_name"}, {"relation", "runs"}};
  for (const QueryDescription& query : query_catalogue()) {
    SCOPED_TRACE(query.name);
    ValueMap parameters;
    for (const QueryParameter& parameter : query.parameters) {
      if (parameter.required) {
        parameters.set(parameter.name, *required.find(parameter.name));
      }
    }
    const auto names = index.query(query.name, parameters)->schema()->field_names();
    Row expected = cells_of(std::string(query.columns));
    if (expected.back().starts_with("...")) {
      const std::string relation = expected.back().substr(3);
      expected.pop_back();
      for (const auto& name : index.sql("FROM " + relation)->schema()->field_names()) {
        if (std::ranges::find(expected, name) == expected.end()) expected.push_back(name);
      }
    }
    EXPECT_EQ(names, expected);
  }
}

std::string title_of(const testing::TestParamInfo<Case>& info) {
  std::string title;
  bool upper = true;
  for (const char c : info.param.title) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      title += upper ? static_cast<char>(std::toupper(c)) : c;
    }
    upper = std::isalnum(static_cast<unsigned char>(c)) == 0;
  }
  return title;
}

INSTANTIATE_TEST_SUITE_P(All, QueryTest, testing::ValuesIn(all_cases()), title_of);

}  // namespace
}  // namespace litmus
