// SPDX-License-Identifier: Apache-2.0
#include "config/station.h"

#include <fmt/format.h>

#include "base/did_you_mean.h"
#include "config/catalog.h"
#include "config/config_file.h"
#include "config/instrument_assets.h"
#include "litmus/error.h"

namespace litmus {
namespace {

const ValueMap& map_at(const ValueMap& content, std::string_view key) {
  return std::get<ValueMap>(content.find(key)->data());
}

void copy(const ValueMap& from, std::string_view key, ValueMap& to) {
  const Value* value = from.find(key);
  if (value != nullptr && to.find(key) == nullptr) to.set(key, *value);
}

class StationLoader {
 public:
  StationLoader(FileSystem& files, const ConfigPlaces& places, const std::string& path)
      : files_(files),
        places_(places),
        file_(read_config_file(files, "station", path)),
        catalog_(files, places.folder) {}

  Station load() {
    ValueMap roles;
    for (const auto& [role, entry] : map_at(file_.content, "instruments")) {
      roles.set(role, effective(role, entry));
    }
    check_type(roles);
    if (!errors_.empty()) throw Error(Code::kInvalidArgument, errors_);

    Station station{.file = file_.path, .record = {}, .warnings = std::move(file_.warnings)};
    for (const auto& [key, value] : file_.content) {
      if (key != "resources" && key != "instruments") station.record.set(key, value);
    }
    if (station.record.find("name") == nullptr) {
      station.record.set("name", *file_.content.find("id"));
    }
    station.record.set("instruments", std::move(roles));
    return station;
  }

 private:
  static bool fits_channel_id(std::string_view part) {
    return part.find_first_of("/\\") == std::string_view::npos &&
           part.find("..") == std::string_view::npos;
  }

  // Station, `resources`, asset, catalog: the first that says something wins.
  ValueMap effective(const std::string& role, const Value& entry) {
    const auto* short_form = entry.get_if<std::string>();
    ValueMap record;
    if (const auto* map = entry.get_if<ValueMap>()) record = *map;
    for (const char* key : {"mock_config", "channels"}) {
      if (record.find(key) == nullptr) record.set(key, ValueMap());
    }
    if (record.find("mock") == nullptr) record.set("mock", false);
    if (role.empty() || !fits_channel_id(role)) {
      reject(role, "expected a role that channels can be named by, without /, \\ and ..");
    }
    for (const auto& [name, channel] : map_at(record, "channels")) {
      if (!fits_channel_id(std::get<std::string>(channel.data()))) {
        reject(role, fmt::format("`channels.{}`: expected a name without /, \\ and ..", name));
      }
    }

    const auto named =
        short_form != nullptr ? std::optional(*short_form) : find_text(record, "asset");
    const std::string asset_id = named.value_or(role);
    copy_resource(asset_id, record);
    add_asset(role, asset_id, named.has_value(), record);
    add_model(role, record);
    if (record.find("protocol") == nullptr) record.set("protocol", "visa");
    for (const char* key : {"info", "calibration"}) {
      if (record.find(key) == nullptr) record.set(key, ValueMap());
    }
    record.set("instrument_id", asset_id);
    if (record.find("driver") == nullptr && record.find("resource") == nullptr &&
        *record.find("mock") == Value(false)) {
      reject(role,
             fmt::format("expected `driver` or `resource`, in the station or in the asset `{}`, or "
                         "`mock: true`; found none",
                         asset_id));
    }
    return record;
  }

  void copy_resource(const std::string& asset_id, ValueMap& record) const {
    const Value* address = map_at(file_.content, "resources").find(asset_id);
    if (address != nullptr && record.find("resource") == nullptr) record.set("resource", *address);
  }

  void add_asset(const std::string& role, const std::string& id, bool must_exist,
                 ValueMap& record) {
    const auto asset = find_asset(files_, places_.folder, id);
    if (!asset) {
      if (must_exist) {
        reject(role, fmt::format("asset `{}`: there is no {}/instruments/{}.yaml{}", id,
                                 places_.folder, id, suggestion(id)));
      }
      return;
    }
    record.set("asset_file", asset->path);
    for (const char* key :
         {"driver", "resource", "catalog_ref", "protocol", "info", "calibration"}) {
      copy(asset->content, key, record);
    }
  }

  // The catalog's driver, and its type for a role that only names an asset.
  void add_model(const std::string& role, ValueMap& record) {
    const auto id = find_text(record, "catalog_ref");
    if (!id) return;
    try {
      if (const auto model = catalog_.find(*id)) {
        for (const char* key : {"driver", "type"}) copy(model->content, key, record);
        return;
      }
      warn(role, fmt::format("`catalog_ref`: there is no catalog entry `{}`{}", *id,
                             catalog_.suggestion(*id)));
    } catch (const Error& error) {
      reject(role, fmt::format("`catalog_ref`: {}", error.what()));
    }
  }

  std::string suggestion(const std::string& id) {
    std::vector<std::string> known;
    for (const std::string& path : find_asset_files(files_, places_.folder)) {
      known.push_back(file_stem(path));
    }
    const auto closest = closest_word(id, known);
    return closest ? fmt::format("; did you mean `{}`?", *closest) : "";
  }

  void check_type(const ValueMap& roles) {
    const auto type = find_text(file_.content, "station_type");
    if (!type) return;
    const std::string path =
        join_path(places_.folder, fmt::format("stations/types/{}.yaml", *type));
    if (!files_.exists(path)) {
      file_.warnings.push_back(fmt::format(
          "{}: `station_type`: there is no {}; the roles are not checked", file_.path, path));
      return;
    }
    const ConfigFile template_file = read_config_file(files_, "station_type", path);
    for (const auto& [role, rules] : map_at(template_file.content, "instruments")) {
      const std::string wanted = *find_text(std::get<ValueMap>(rules.data()), "type");
      const Value* present = roles.find(role);
      if (present == nullptr) {
        reject(role,
               fmt::format("a `{}` of type {} is required by {}, found none", role, wanted, path));
        continue;
      }
      const auto found = find_text(std::get<ValueMap>(present->data()), "type");
      if (found && *found != wanted) {
        reject(role, fmt::format("type {} is required by {}, found {}", wanted, path, *found));
      }
    }
  }

  void reject(const std::string& role, const std::string& problem) {
    errors_ += fmt::format("{}{}:{}: `instruments.{}`: {}", errors_.empty() ? "" : "\n", file_.path,
                           line_of(role), role, problem);
  }

  void warn(const std::string& role, const std::string& problem) {
    file_.warnings.push_back(
        fmt::format("{}:{}: `instruments.{}`: {}", file_.path, line_of(role), role, problem));
  }

  int line_of(const std::string& role) const { return file_.lines->line({"instruments", role}); }

  FileSystem& files_;
  const ConfigPlaces& places_;
  ConfigFile file_;
  Catalog catalog_;
  std::string errors_;
};

}  // namespace

Station load_station(FileSystem& files, const ConfigPlaces& places, const std::string& file) {
  return StationLoader(files, places, file).load();
}

}  // namespace litmus
