// SPDX-License-Identifier: Apache-2.0
#include "project/projection_fixture.h"

#include <arrow/array/array_base.h>
#include <arrow/array/array_binary.h>
#include <arrow/array/array_nested.h>
#include <arrow/array/array_primitive.h>
#include <arrow/chunked_array.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/json_writer.h"
#include "model/event.h"
#include "model/event_json.h"
#include "model/value_json.h"
#include "project/run_batches.h"
#include "store/data_layout.h"
#include "store/event_file_writer.h"

namespace litmus {
namespace {

double number(const Value& value) {
  const auto* integer = value.get_if<std::int64_t>();
  return integer != nullptr ? static_cast<double>(*integer) : *value.get_if<double>();
}

WrittenEvent parse_line(std::string_view line, std::size_t line_number) {
  const Value parsed = parse_value(line);
  WrittenEvent result;
  ValueMap event;
  event.set("id", fmt::format("00000000-0000-4000-8000-{:012}", line_number));
  event.set("occurred_at", to_iso8601(kStart));
  event.set("session_id", kSession);
  event.set("run_id", kRun);
  for (const auto& [key, value] : *parsed.get_if<ValueMap>()) {
    if (key == "at") {
      const auto after = std::chrono::microseconds(std::llround(number(value) * 1e6));
      event.set("occurred_at", to_iso8601(kStart + after));
    } else if (key == "writer") {
      result.writer = static_cast<std::uint32_t>(number(value));
    } else {
      event.set(key, value);
    }
  }
  std::string json;
  JsonWriter(json).value(event);
  result.event = parse_event(json);
  EXPECT_FALSE(std::holds_alternative<UnknownEvent>(result.event)) << json;
  return result;
}

std::string cell(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return "-";
  switch (array.type_id()) {
    case arrow::Type::STRING: {
      const auto text = static_cast<const arrow::StringArray&>(array).GetString(row);
      return text.empty() ? "\"\"" : text;
    }
    case arrow::Type::DOUBLE:
      return fmt::format("{}", static_cast<const arrow::DoubleArray&>(array).Value(row));
    case arrow::Type::TIMESTAMP: {
      const auto time = static_cast<const arrow::TimestampArray&>(array).Value(row);
      const auto start = kStart.time_since_epoch().count();
      return fmt::format("{}s", static_cast<double>(time - start) / 1e6);
    }
    case arrow::Type::LIST: {
      const auto values = static_cast<const arrow::ListArray&>(array).value_slice(row);
      std::string text;
      for (std::int64_t i = 0; i < values->length(); ++i) {
        text += (i == 0 ? "" : ", ") + cell(*values, i);
      }
      return "[" + text + "]";
    }
    default: return array.GetScalar(row).ValueOrDie()->ToString();
  }
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) {
    if (word != "|") result.push_back(word);
  }
  return result;
}

}  // namespace

std::vector<WrittenEvent> parse_events(std::string_view lines) {
  std::vector<WrittenEvent> events;
  std::istringstream stream{std::string(lines)};
  for (std::string line; std::getline(stream, line);) {
    if (line.find('{') != std::string::npos) events.push_back(parse_line(line, events.size()));
  }
  return events;
}

std::string load_text(const std::string& file_name) {
  const auto content = posix_file_system().read(join_path(LITMUS_PROJECT_TESTDATA, file_name));
  return {reinterpret_cast<const char*>(content->bytes().data()), content->bytes().size()};
}

std::vector<WrittenEvent> load_events(const std::string& name) {
  return parse_events(load_text(name + ".jsonl"));
}

std::unique_ptr<RunAccumulator> accumulate(const std::vector<WrittenEvent>& events) {
  auto accumulator = std::make_unique<RunAccumulator>(Uuid::parse(kSession), Uuid::parse(kRun));
  for (const WrittenEvent& written : events) accumulator->apply(written.event, written.writer);
  return accumulator;
}

std::shared_ptr<arrow::Table> to_table(const RunRows& rows) {
  RunBatches batches(rows);
  return batches.ToTable().ValueOrDie()->CombineChunks().ValueOrDie();
}

std::string render(const arrow::Table& table, const std::vector<std::string>& columns) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : " | ") + columns[i];
  text += '\n';
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto column = table.GetColumnByName(columns[i]);
      text += (i == 0 ? "" : " | ") + (column ? cell(*column->chunk(0), row) : "(no column)");
    }
    text += '\n';
  }
  return text;
}

void expect_rows(const std::string& name) {
  const std::string expected = load_text(name + ".rows");
  const auto accumulator = accumulate(load_events(name));
  const auto table = to_table(accumulator->rows());
  EXPECT_EQ(render(*table, words(expected.substr(0, expected.find('\n')))), expected) << name;
}

void write_event_files(FileSystem& files, const std::string& data_dir,
                       const std::vector<WrittenEvent>& events) {
  struct Open {
    std::unique_ptr<EventFileWriter> writer;
    std::int64_t seq = 0;
  };
  std::map<std::uint32_t, Open> open;
  const std::string folder = events_folder(data_dir, kStart);
  files.create_folders(folder);
  for (const WrittenEvent& written : events) {
    Open& to = open[written.writer];
    if (!to.writer) {
      EventFileHeader header;
      header.writer_id = Uuid::parse(fmt::format("6f1c2b4e-0d3a-4a57-9a11-{:012}", written.writer));
      header.session_id = Uuid::parse(kSession);
      header.pid = 4000 + static_cast<std::int64_t>(written.writer);
      header.host = "bench-1";
      const std::string name = event_file_name(header.session_id, header.pid, 0);
      to.writer = std::make_unique<EventFileWriter>(files, join_path(folder, name), header);
    }
    const Envelope& envelope = envelope_of(written.event);
    const std::string id = envelope.id.to_string();
    const std::string session = envelope.session_id.to_string();
    const std::string run = envelope.run_id ? envelope.run_id->to_string() : "";
    std::string json;
    append_json(json, written.event);
    EventRow row;
    row.seq = to.seq++;
    row.occurred_at = row.received_at = envelope.occurred_at;
    row.id = id;
    row.event_type = tag_of(written.event);
    row.session_id = session;
    if (envelope.run_id) row.run_id = run;
    row.json = json;
    to.writer->append(row);
  }
  for (auto& [number, file] : open) file.writer->finish();
}

}  // namespace litmus
