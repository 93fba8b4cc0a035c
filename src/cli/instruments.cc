// SPDX-License-Identifier: Apache-2.0
#include "cli/instruments.h"

#include <fmt/format.h>

#include "base/did_you_mean.h"
#include "base/process.h"
#include "cli/python_tool.h"
#include "config/instrument_assets.h"
#include "litmus/error.h"

namespace litmus {

ConfigPlaces config_places() { return ConfigPlaces::from(posix_file_system(), current_folder()); }

std::vector<ConfigFile> read_config_files(const std::vector<std::string>& paths,
                                          std::string_view kind, Console& console) {
  std::vector<ConfigFile> read;
  for (const std::string& path : paths) {
    try {
      read.push_back(read_config_file(posix_file_system(), kind, path));
      for (const std::string& warning : read.back().warnings) console.warn(warning);
    } catch (const Error& error) {
      console.warn(fmt::format("left out: {}", error.what()));
    }
  }
  return read;
}

ConfigFile require_asset(const ConfigPlaces& places, const std::string& id) {
  if (auto asset = find_asset(posix_file_system(), places.folder, id)) return std::move(*asset);
  std::vector<std::string> known;
  for (const std::string& path : find_asset_files(posix_file_system(), places.folder)) {
    known.push_back(file_stem(path));
  }
  const auto closest = closest_word(id, known);
  throw Error(Code::kNotFound,
              fmt::format("instrument `{}`: there is no {}/instruments/{}.yaml{}", id,
                          places.folder, id, closest ? "; did you mean `" + *closest + "`?" : ""));
}

std::string identity_text(const ValueMap& identity) {
  std::string text;
  for (const char* field : {"manufacturer", "model"}) {
    if (const auto value = find_text(identity, field)) text += (text.empty() ? "" : " ") + *value;
  }
  if (const auto serial = find_text(identity, "serial")) {
    text += fmt::format("{}(SN: {})", text.empty() ? "" : " ", *serial);
  }
  return text;
}

const ValueMap& map_at(const ValueMap& content, std::string_view key) {
  return std::get<ValueMap>(content.find(key)->data());
}

IdentityQuestion question_of(const std::string& name, const ValueMap& instrument) {
  return {.name = name,
          .resource = find_text(instrument, "resource"),
          .driver = find_text(instrument, "driver"),
          .info = map_at(instrument, "info")};
}

std::vector<ValueMap> identify(const std::vector<IdentityQuestion>& questions) {
  ValueList asked;
  for (const IdentityQuestion& question : questions) {
    ValueMap one{{"name", question.name}, {"info", question.info}};
    if (question.resource) one.set("resource", *question.resource);
    if (question.driver) one.set("driver", *question.driver);
    asked.emplace_back(std::move(one));
  }
  const Value answer = ask_python("identify", {{"instruments", std::move(asked)}});
  std::vector<ValueMap> answers;
  for (const Value& one : std::get<ValueList>(answer.data())) {
    answers.push_back(std::get<ValueMap>(one.data()));
  }
  return answers;
}

}  // namespace litmus
