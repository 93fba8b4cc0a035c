// SPDX-License-Identifier: Apache-2.0
#include "index/foreign_sql.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "index/read_transaction.h"
#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

constexpr std::string_view kAction = "run the SQL";

// The table functions that only make rows of their arguments. Others read files or memory, change
// settings, or run further SQL.
constexpr std::array<std::string_view, 8> kTableFunctions{
    "range",      "generate_series", "unnest",    "repeat",
    "repeat_row", "json_each",       "json_tree", "pg_timezone_names"};

constexpr std::array<std::string_view, 5> kRefusedFunctions{"write_log", "setseed", "nextval",
                                                            "sleep_ms", "pg_sleep"};
// Where the relations are, and the descriptions of them that tools look for.
constexpr std::array<std::string_view, 3> kCatalogs{"", "memory", "system"};
constexpr std::array<std::string_view, 4> kSchemas{"", "main", "information_schema", "pg_catalog"};

// A statement's syntax tree, as JSON.
class SyntaxTree {
 public:
  SyntaxTree(std::string_view sql, const Value& tree) : sql_(sql) { check(tree); }

 private:
  void check(const Value& node) const {
    if (const auto* list = node.get_if<ValueList>()) {
      for (const Value& element : *list) check(element);
    }
    const auto* map = node.get_if<ValueMap>();
    if (map == nullptr) return;
    check_node(*map);
    for (const auto& [key, value] : *map) check(value);
  }

  void check_node(const ValueMap& node) const {
    const std::string_view type = text(node, "type");
    if (type == "TABLE_FUNCTION") {
      const Value* function = node.find("function");
      const auto* call = function == nullptr ? nullptr : function->get_if<ValueMap>();
      const std::string_view name = call == nullptr ? "" : text(*call, "function_name");
      if (!contains(kTableFunctions, name)) {
        refuse(node, fmt::format("the table function `{}` is not allowed", name));
      }
    }
    if (text(node, "class") == "FUNCTION" &&
        contains(kRefusedFunctions, text(node, "function_name"))) {
      refuse(node, fmt::format("the function `{}` is not allowed", text(node, "function_name")));
    }
    if (type != "BASE_TABLE" && type != "SHOW_REF") return;
    if (!contains(kCatalogs, text(node, "catalog_name")) ||
        !contains(kSchemas, text(node, "schema_name"))) {
      refuse(node, fmt::format("`{}` is internal; there are runs, steps, measurements, events and "
                               "sessions",
                               text(node, "table_name")));
    }
  }

  static std::string_view text(const ValueMap& node, std::string_view key) {
    const Value* value = node.find(key);
    const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
    return text == nullptr ? std::string_view() : *text;
  }

  template <std::size_t count>
  static bool contains(const std::array<std::string_view, count>& names, std::string_view name) {
    return std::ranges::any_of(names, [&](std::string_view known) {
      return std::ranges::equal(known, name, {}, {}, [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
      });
    });
  }

  [[noreturn]] void refuse(const ValueMap& node, const std::string& reason) const {
    std::optional<std::size_t> position;
    const Value* location = node.find("query_location");
    if (location != nullptr && location->get_if<std::int64_t>() != nullptr) {
      position = static_cast<std::size_t>(*location->get_if<std::int64_t>());
    }
    throw Error(Code::kUnauthorized,
                fmt::format("cannot {}: {}{}", kAction, place_in(sql_, position), reason));
  }

  std::string_view sql_;
};

const Value& member(const ValueMap& map, std::string_view key) {
  static const Value kNothing;
  const Value* value = map.find(key);
  return value == nullptr ? kNothing : *value;
}

std::string text_of(const Value& value) {
  const auto* text = value.get_if<std::string>();
  return text == nullptr ? "" : *text;
}

// Exactly one SELECT, that calls and reads nothing it must not. Judged by DuckDB's own parser.
void check_statement(DuckConnection& connection, std::string_view sql) {
  DuckResult rows =
      connection.query("SELECT json_serialize_sql($sql::VARCHAR)", {{"sql", sql}}, kAction);
  rows.next_row();
  const Value parsed = parse_value(rows.text(0));
  const ValueMap& answer = *parsed.get_if<ValueMap>();
  if (member(answer, "error") == Value(true)) {
    if (text_of(member(answer, "error_type")) == "not implemented") {
      throw Error(Code::kUnauthorized, fmt::format("cannot {}: only a SELECT is allowed", kAction));
    }
    std::optional<std::size_t> position;
    const std::string digits = text_of(member(answer, "position"));
    if (!digits.empty()) position = std::stoul(digits);
    throw Error(Code::kInvalidArgument,
                fmt::format("cannot {}: {}{}", kAction, place_in(sql, position),
                            text_of(member(answer, "error_message"))));
  }
  const auto* statements = member(answer, "statements").get_if<ValueList>();
  if (statements == nullptr || statements->size() != 1) {
    throw Error(
        statements == nullptr || statements->empty() ? Code::kInvalidArgument : Code::kUnauthorized,
        fmt::format("cannot {}: exactly one statement is expected, found {}", kAction,
                    statements == nullptr ? 0 : statements->size()));
  }
  SyntaxTree(sql, statements->front());
}

// Ends what the connection does when the time is over, or nobody waits for it any more.
class Deadline {
 public:
  Deadline(const DuckConnection& connection, const SqlLimits& limits)
      : thread_([this, &connection, &limits] {
          const auto end = Clock::now() + std::chrono::seconds(limits.seconds);
          std::unique_lock lock(mutex_);
          while (Clock::now() < end && !(limits.is_cancelled && limits.is_cancelled())) {
            const auto next = std::min(end, Clock::now() + kLook);
            if (changed_.wait_until(lock, next, [this] { return done_; })) return;
          }
          passed_ = true;
          // Again, in case that it was between two statements.
          while (!done_) {
            connection.interrupt();
            changed_.wait_for(lock, std::chrono::milliseconds(20));
          }
        }) {}
  ~Deadline() { stop(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Whether it has passed.
  bool stop() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    return passed_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kLook = std::chrono::milliseconds(100);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  bool passed_ = false;
  std::thread thread_;
};

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> run_foreign_sql(IndexStorage& storage,
                                                          std::string_view sql,
                                                          const SqlLimits& limits) {
  if (sql.find('\0') != std::string_view::npos) {
    throw Error(Code::kInvalidArgument, fmt::format("cannot {}: it holds a zero byte", kAction));
  }
  const IndexStorage::Reader reader(storage);
  ReadTransaction transaction(storage, *reader);
  Deadline deadline(*reader, limits);
  try {
    check_statement(*reader, sql);
    return transaction.prepare(std::string(sql), kAction).execute().to_arrow(limits.rows);
  } catch (const Error&) {
    if (!deadline.stop()) throw;
    if (limits.is_cancelled && limits.is_cancelled()) {
      throw Error(Code::kUnavailable, fmt::format("cannot {}: nobody waits for it", kAction));
    }
    throw Error(Code::kUnavailable, fmt::format("cannot {}: it took longer than the {} s that are "
                                                "allowed",
                                                kAction, limits.seconds));
  }
}

}  // namespace litmus
