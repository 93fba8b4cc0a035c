// SPDX-License-Identifier: Apache-2.0
#include "project/session_events.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "litmus/events.h"
#include "model/event_json.h"
#include "project/accumulator.h"
#include "store/data_layout.h"
#include "store/event_file_reader.h"

namespace litmus {
namespace {

// All segments of one writer share the part of the name before `_0001.arrow` or `.arrow`.
std::string writer_stem(const std::string& path) {
  const std::string name = file_name(path);
  return name.substr(0, name.find_first_of("_."));
}

EventFileReport scan(FileSystem& files, const std::string& path, std::vector<std::string>& damages,
                     const std::function<void(const EventRow&)>& on_row) {
  const auto content = files.read(path);
  EventFileReport report = scan_event_file(content->bytes(), on_row);
  for (const EventDamage& damage : report.damages) damages.push_back(describe(path, damage));
  return report;
}

}  // namespace

EventReplay replay_run(FileSystem& files, const std::vector<std::string>& event_files,
                       const Uuid& run_id, RunAccumulator& accumulator) {
  EventReplay replay;
  const std::string run = run_id.to_string();
  std::unordered_map<std::string, std::uint32_t> writers;
  for (const std::string& path : event_files) {
    const std::string stem = writer_stem(path);
    const auto writer =
        writers.emplace(stem, static_cast<std::uint32_t>(writers.size())).first->second;
    SourceEvents source;
    const EventFileReport report = scan(files, path, replay.damages, [&](const EventRow& row) {
      if (row.run_id.value_or(run) != run || !RunAccumulator::reads(row.event_type)) return;
      Event event;
      try {
        event = parse_event(row.json);
      } catch (const Error& error) {
        replay.damages.push_back(path + ": seq " + std::to_string(row.seq) + ": " + error.what());
        return;
      }
      if (!accumulator.apply(event, writer)) return;
      if (source.events++ == 0) source.first_seq = row.seq;
      source.last_seq = row.seq;
    });
    if (source.events == 0) continue;
    source.writer = report.header ? report.header->writer_id.to_string() : stem;
    auto& sources = replay.sources;
    const auto earlier = std::ranges::find(sources, source.writer, &SourceEvents::writer);
    if (earlier == sources.end()) {
      sources.push_back(source);
    } else {
      earlier->last_seq = source.last_seq;
      earlier->events += source.events;
    }
  }
  return replay;
}

std::string to_json(const std::vector<SourceEvents>& sources) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  for (const SourceEvents& source : sources) {
    json.begin_object();
    json.key("writer");
    json.value(source.writer);
    json.key("first_seq");
    json.value(source.first_seq);
    json.key("last_seq");
    json.value(source.last_seq);
    json.key("events");
    json.value(source.events);
    json.end_object();
  }
  json.end_array();
  return text;
}

std::vector<RunInEvents> list_runs_in_events(FileSystem& files, const std::string& data_dir,
                                             std::vector<std::string>& damages) {
  std::map<std::string, RunInEvents, std::less<>> runs;
  std::map<std::string, std::vector<std::string>, std::less<>> files_of_session;
  for (const std::string& path : find_event_files(files, data_dir)) {
    std::string session;
    scan(files, path, damages, [&](const EventRow& row) {
      if (session.empty()) session = row.session_id;
      if (!row.run_id) return;
      auto place = runs.find(*row.run_id);
      if (place == runs.end()) {
        place = runs.emplace(*row.run_id, RunInEvents{}).first;
        place->second.run_id = Uuid::parse(*row.run_id);
        place->second.session_id = Uuid::parse(row.session_id);
      }
      if (row.event_type == RunStarted::kTag) place->second.started_at = row.occurred_at;
      if (row.event_type == RunEnded::kTag) place->second.ended = true;
    });
    if (!session.empty()) files_of_session[session].push_back(path);
  }
  std::vector<RunInEvents> result;
  for (auto& [id, run] : runs) {
    run.event_files = files_of_session[run.session_id.to_string()];
    result.push_back(std::move(run));
  }
  std::ranges::sort(result, {},
                    [](const RunInEvents& run) { return std::tuple(run.started_at, run.run_id); });
  return result;
}

}  // namespace litmus
