// SPDX-License-Identifier: Apache-2.0
#include "index/duckdb_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

Code code_of(std::string_view kind) {
  constexpr std::array kCallers{"Parser",       "Syntax",        "Binder",         "Catalog",
                                "Conversion",   "Invalid Input", "Out of Range",   "Mismatch Type",
                                "Invalid Type", "Invalid",       "Not implemented"};
  if (std::ranges::find(kCallers, kind) != kCallers.end()) return Code::kInvalidArgument;
  if (kind == "Permission" || kind == "Invalid Configuration") return Code::kUnauthorized;
  if (kind == "Out of Memory" || kind == "INTERRUPT") return Code::kUnavailable;
  return Code::kIo;
}

// What is stored is not what was written, or cannot be had from the disk.
bool is_damage(const DuckError& error) {
  if (error.kind == "Serialization" || error.kind == "FATAL") return true;
  return error.kind == "IO" && (error.message.starts_with("Could not read") ||
                                error.message.starts_with("Corrupt database file"));
}

std::string text_member(const ValueMap& map, std::string_view key) {
  const Value* value = map.find(key);
  const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? "" : *text;
}

DuckValue to_duckdb(const Value& value);

// A list has the type of its first element, as all of ours have one type.
DuckValue to_duckdb(const ValueList& list) {
  std::vector<DuckValue> owned;
  std::vector<duckdb_value> elements;
  for (const Value& element : list) {
    owned.push_back(to_duckdb(element));
    elements.push_back(owned.back().get());
  }
  const bool integers = !list.empty() && list.front().get_if<std::int64_t>() != nullptr;
  const bool numbers = !list.empty() && list.front().get_if<double>() != nullptr;
  const DuckType type(duckdb_create_logical_type(integers  ? DUCKDB_TYPE_BIGINT
                                                 : numbers ? DUCKDB_TYPE_DOUBLE
                                                           : DUCKDB_TYPE_VARCHAR));
  return DuckValue(duckdb_create_list_value(type.get(), elements.data(), elements.size()));
}

DuckValue to_duckdb(const Value& value) {
  if (const auto* boolean = value.get_if<bool>()) return DuckValue(duckdb_create_bool(*boolean));
  if (const auto* integer = value.get_if<std::int64_t>()) {
    return DuckValue(duckdb_create_int64(*integer));
  }
  if (const auto* number = value.get_if<double>()) {
    return DuckValue(duckdb_create_double(*number));
  }
  if (const auto* text = value.get_if<std::string>()) {
    return DuckValue(duckdb_create_varchar_length(text->data(), text->size()));
  }
  if (const auto* list = value.get_if<ValueList>()) return to_duckdb(*list);
  return DuckValue(duckdb_create_null_value());
}

}  // namespace

DuckError parse_duckdb_error(std::string_view text) {
  DuckError error;
  const std::size_t json = text.find('{');
  if (text.ends_with('}') && json != std::string_view::npos) {
    try {
      const Value value = parse_value(text.substr(json));
      const auto* map = value.get_if<ValueMap>();
      if (map != nullptr && map->find("exception_type") != nullptr) {
        error.kind = text_member(*map, "exception_type");
        error.message = text_member(*map, "exception_message");
        const std::string position = text_member(*map, "position");
        std::size_t number = 0;
        const auto end = position.data() + position.size();
        if (std::from_chars(position.data(), end, number).ptr == end && !position.empty()) {
          error.position = number;
        }
        return error;
      }
    } catch (const Error&) {  // then it is a plain message
    }
  }
  const std::size_t mark = text.find(" Error: ");
  if (mark != std::string_view::npos) {
    error.kind = text.substr(0, mark);
    text.remove_prefix(mark + 8);
  }
  error.message = text;
  return error;
}

std::string place_in(std::string_view sql, std::optional<std::size_t> position) {
  if (!position || *position > sql.size()) return "";
  const std::string_view before = sql.substr(0, *position);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::string_view in_line = before.substr(before.rfind('\n') + 1);
  const auto column =
      1 + std::ranges::count_if(in_line, [](char byte) { return (byte & 0xC0) != 0x80; });
  return fmt::format("line {}, column {}: ", line, column);
}

void throw_duckdb_error(std::string_view text, std::string_view action, std::string_view sql) {
  DuckError error = parse_duckdb_error(text);
  // Its advice is about settings, which users cannot change.
  if (const auto advice = error.message.find("\n\nPossible solutions:");
      advice != std::string::npos) {
    error.message.erase(advice);
    error.message += "; filter or aggregate first";
  }
  throw Error(code_of(error.kind),
              fmt::format("cannot {}: {}{}", action, place_in(sql, error.position), error.message));
}

DuckDatabase::DuckDatabase(const std::vector<std::pair<std::string, std::string>>& configuration) {
  DuckHandle<duckdb_config, duckdb_destroy_config> config;
  duckdb_create_config(config.out());
  for (const auto& [name, value] : configuration) {
    if (duckdb_set_config(config.get(), name.c_str(), value.c_str()) != DuckDBSuccess) {
      throw Error(Code::kIo, fmt::format("cannot open DuckDB: no option {} = {}", name, value));
    }
  }
  char* reason = nullptr;
  if (duckdb_open_ext(":memory:", handle_.out(), config.get(), &reason) != DuckDBSuccess) {
    const std::string text = reason == nullptr ? "no reason given" : reason;
    duckdb_free(reason);
    throw_duckdb_error(text, "open DuckDB", "");
  }
}

void DuckDatabase::fail(std::string_view text, std::string_view action, std::string_view sql) {
  const DuckError error = parse_duckdb_error(text);
  if (!is_damage(error)) throw_duckdb_error(text, action, sql);
  is_damaged_ = true;
  throw Error(Code::kUnavailable,
              fmt::format("the index is damaged and will be made anew from the stored files; ask "
                          "again in a moment (cannot {}: {})",
                          action, error.message));
}

DuckConnection::DuckConnection(DuckDatabase& database) : database_(database) {
  if (duckdb_connect(database.get(), handle_.out()) != DuckDBSuccess) {
    throw Error(Code::kIo, "cannot connect to the index");
  }
}

void DuckConnection::execute(const std::string& sql, std::string_view action) {
  duckdb_result raw{};
  const duckdb_state state = duckdb_query(handle_.get(), sql.c_str(), &raw);
  const DuckResult result(raw);
  if (state != DuckDBSuccess) database_.fail(duckdb_result_error(&raw), action, "");
}

DuckResult DuckConnection::query(const std::string& sql, const SqlValues& values,
                                 std::string_view action) {
  DuckStatement statement = prepare(sql, action);
  statement.bind(values);
  return statement.execute();
}

DuckStatement DuckConnection::prepare(const std::string& sql, std::string_view action) {
  return {*this, sql, action};
}

DuckStatement::DuckStatement(DuckConnection& connection, std::string sql, std::string_view action)
    : database_(connection.database()), action_(action), sql_(std::move(sql)) {
  if (duckdb_prepare(connection.get(), sql_.c_str(), handle_.out()) != DuckDBSuccess) {
    database_.fail(duckdb_prepare_error(handle_.get()), action_, sql_);
  }
}

void DuckStatement::bind(const SqlValues& values) {
  for (const auto& [name, value] : values) {
    idx_t index = 0;
    if (duckdb_bind_parameter_index(handle_.get(), &index, name.c_str()) != DuckDBSuccess) continue;
    if (duckdb_bind_value(handle_.get(), index, to_duckdb(value).get()) != DuckDBSuccess) {
      throw Error(Code::kInvalidArgument,
                  fmt::format("cannot {}: the value of `{}` cannot be used", action_, name));
    }
  }
}

DuckResult DuckStatement::execute() {
  duckdb_result raw{};
  const duckdb_state state = duckdb_execute_prepared(handle_.get(), &raw);
  DuckResult result(raw);
  if (state != DuckDBSuccess) database_.fail(duckdb_result_error(&raw), action_, sql_);
  return result;
}

}  // namespace litmus
