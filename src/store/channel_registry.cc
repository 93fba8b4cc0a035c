// SPDX-License-Identifier: Apache-2.0
#include "store/channel_registry.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <set>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "model/value_json.h"
#include "store/channel_segment_reader.h"

namespace litmus {
namespace {

std::string registry_path(const std::string& data_dir) {
  return join_path(channels_folder(data_dir), "_registry.json");
}

std::string text_of(const ValueMap& map, std::string_view key) {
  const Value* value = map.find(key);
  const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? "" : *text;
}

std::int64_t integer_of(const ValueMap& map, std::string_view key) {
  const Value* value = map.find(key);
  const auto* integer = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  return integer == nullptr ? 0 : *integer;
}

ChannelDescriptor to_descriptor(const std::string& channel_id, const ValueMap& map) {
  ChannelDescriptor channel;
  channel.channel_id = channel_id;
  channel.data_type = text_of(map, "data_type");
  channel.instrument_role = text_of(map, "instrument_role");
  channel.resource = text_of(map, "resource");
  if (const auto units = text_of(map, "units"); !units.empty()) channel.units = units;
  if (const Value* properties = map.find("properties"); properties != nullptr) {
    if (const auto* values = properties->get_if<ValueMap>()) channel.properties = *values;
  }
  channel.first_seen = parse_iso8601(text_of(map, "first_seen"));
  channel.last_seen = parse_iso8601(text_of(map, "last_seen"));
  channel.row_count = integer_of(map, "row_count");
  channel.sessions = integer_of(map, "sessions");
  return channel;
}

void write_registry(FileSystem& files, const std::string& data_dir,
                    const ChannelRegistry& registry) {
  std::string text;
  JsonWriter json(text, 1);
  json.begin_object();
  for (const auto& [id, channel] : registry) {
    json.key(id);
    write_json(json, channel);
  }
  json.end_object();
  text += '\n';
  const std::string path = registry_path(data_dir);
  const std::string temporary = path + ".tmp";
  try {
    const auto file = files.open_for_append(temporary, FileSystem::Create::kReplace);
    file->append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    file->close();
    files.rename(temporary, path);
  } catch (...) {
    files.remove(temporary);
    throw;
  }
}

void add(ChannelRegistry& registry, const ChannelDescriptor& update) {
  const auto [at, is_new] = registry.try_emplace(update.channel_id, update);
  if (is_new) return;
  ChannelDescriptor& channel = at->second;
  channel.row_count += update.row_count;
  channel.sessions += update.sessions;
  channel.first_seen = std::min(channel.first_seen, update.first_seen);
  if (update.last_seen < channel.last_seen) return;
  channel.last_seen = update.last_seen;
  if (!update.instrument_role.empty()) channel.instrument_role = update.instrument_role;
  if (!update.resource.empty()) channel.resource = update.resource;
  if (update.units) channel.units = update.units;
}

ChannelRegistry registry_from_segments(FileSystem& files, const std::string& data_dir,
                                       const std::set<std::string>& left_out = {}) {
  ChannelRegistry registry;
  std::set<std::pair<std::string, std::string>> sessions;
  for (const ChannelSegmentPath& segment : find_channel_segments(files, data_dir)) {
    if (!left_out.empty() && left_out.contains(segment.name.stem())) continue;
    const auto head = read_channel_head(files, segment.path);
    if (!head) continue;
    const ChannelSegmentHeader* header = &head->header;
    ChannelDescriptor channel;
    channel.channel_id = header->channel_id;
    channel.data_type = header->data_type;
    channel.instrument_role = header->instrument_role;
    channel.resource = header->resource;
    channel.units = header->units;
    if (header->sealed) {
      channel.first_seen = header->sealed->first_time;
      channel.last_seen = header->sealed->last_time;
      channel.row_count = header->sealed->rows;
    } else {
      channel.first_seen = Timestamp::max();
      channel.last_seen = Timestamp::min();
      scan_channel_segment(
          files.read(segment.path), [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
            const auto* times = rows->column(0)->data()->GetValues<std::int64_t>(1);
            const auto [first, last] = std::minmax_element(times, times + rows->num_rows());
            channel.first_seen =
                std::min(channel.first_seen, Timestamp(std::chrono::microseconds(*first)));
            channel.last_seen =
                std::max(channel.last_seen, Timestamp(std::chrono::microseconds(*last)));
            channel.row_count += rows->num_rows();
          });
      if (channel.row_count == 0) continue;
    }
    const bool is_new =
        sessions.insert({header->channel_id, header->session_id.to_string()}).second;
    channel.sessions = is_new ? 1 : 0;
    add(registry, channel);
  }
  return registry;
}

}  // namespace

void write_json(JsonWriter& json, const ChannelDescriptor& channel) {
  json.begin_object();
  json.key("channel_id");
  json.value(channel.channel_id);
  json.key("data_type");
  json.value(channel.data_type);
  json.key("instrument_role");
  json.value(channel.instrument_role);
  json.key("resource");
  json.value(channel.resource);
  json.key("units");
  if (channel.units) {
    json.value(*channel.units);
  } else {
    json.null();
  }
  json.key("properties");
  json.value(channel.properties);
  json.key("first_seen");
  json.value(channel.first_seen);
  json.key("last_seen");
  json.value(channel.last_seen);
  json.key("row_count");
  json.value(channel.row_count);
  json.key("sessions");
  json.value(channel.sessions);
  json.end_object();
}

ChannelRegistry read_channel_registry(FileSystem& files, const std::string& data_dir) {
  const std::string path = registry_path(data_dir);
  if (!files.exists(path)) return {};
  const auto content = files.read(path);
  const std::string_view text(reinterpret_cast<const char*>(content->bytes().data()),
                              content->bytes().size());
  ChannelRegistry registry;
  try {
    const Value value = parse_value(text);
    const auto* channels = value.get_if<ValueMap>();
    if (channels == nullptr) throw Error(Code::kCorrupt, "expected an object");
    for (const auto& [id, channel] : *channels) {
      const auto* map = channel.get_if<ValueMap>();
      if (map == nullptr) throw Error(Code::kCorrupt, "expected an object at " + id);
      registry.emplace(id, to_descriptor(id, *map));
    }
  } catch (const Error& error) {
    throw Error(Code::kCorrupt, path + " cannot be read: " + error.what() +
                                    "; remove it, it is made again from the segments");
  }
  return registry;
}

namespace {

// Nothing if there is none, or a damaged one.
std::optional<ChannelRegistry> find_channel_registry(FileSystem& files,
                                                     const std::string& data_dir) {
  if (!files.exists(registry_path(data_dir))) return std::nullopt;
  try {
    return read_channel_registry(files, data_dir);
  } catch (const Error& error) {
    if (error.code() != Code::kCorrupt) throw;
    return std::nullopt;
  }
}

}  // namespace

ChannelRegistry known_channels(FileSystem& files, const std::string& data_dir) {
  auto registry = find_channel_registry(files, data_dir);
  return registry ? *std::move(registry) : registry_from_segments(files, data_dir);
}

void merge_into_channel_registry(FileSystem& files, const std::string& data_dir,
                                 const std::vector<ChannelDescriptor>& updates,
                                 const WrittenChannels& written) {
  const auto lock = files.lock_folder(channels_folder(data_dir));
  auto registry = find_channel_registry(files, data_dir);
  const bool is_there = registry.has_value();
  if (!is_there) registry = registry_from_segments(files, data_dir, written.stems);
  for (const ChannelDescriptor& update : is_there ? updates : written.totals) {
    add(*registry, update);
  }
  write_registry(files, data_dir, *registry);
}

void rebuild_channel_registry(FileSystem& files, const std::string& data_dir) {
  const auto lock = files.lock_folder(channels_folder(data_dir));
  write_registry(files, data_dir, registry_from_segments(files, data_dir));
}

std::vector<ChannelSegmentPath> find_channel_segments(FileSystem& files,
                                                      const std::string& data_dir,
                                                      std::string_view channel_id,
                                                      std::string_view session8) {
  std::vector<ChannelSegmentPath> found;
  const std::string folder = channels_folder(data_dir);
  // The cheap test first: a folder may hold thousands of other channels.
  const std::string begin =
      channel_id.empty()
          ? ""
          : ChannelFileName{std::string(channel_id), std::string(session8), "", 0}.stem();
  for (const DirectoryEntry& date : files.list(folder)) {
    if (!date.is_directory || date.name.starts_with('_')) continue;
    const std::string date_folder = join_path(folder, date.name);
    for (const DirectoryEntry& entry : files.list(date_folder)) {
      if (!entry.name.starts_with(begin)) continue;
      auto name = ChannelFileName::parse(entry.name);
      if (!name || (!channel_id.empty() && name->channel_id != channel_id) ||
          (!session8.empty() && name->session8 != session8)) {
        continue;
      }
      found.push_back({join_path(date_folder, entry.name), std::move(*name)});
    }
  }
  return found;
}

}  // namespace litmus
