// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/instruments.h"
#include "config/instrument_assets.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct Options {
  std::string target;
  bool json = false;
};

// The asset with this id, else the address itself.
IdentityQuestion question_about(const std::string& target) {
  const ConfigPlaces places = config_places();
  const bool is_address = target.find_first_of(":/") != std::string::npos;
  if (is_address) return {.name = target, .resource = target, .driver = {}, .info = {}};
  return question_of(target, require_asset(places, target).content);
}

int identify_instrument(const Options& options, Console& console) {
  const IdentityQuestion question = question_about(options.target);
  if (!question.resource && !question.driver) {
    throw Error(Code::kInvalidArgument,
                fmt::format("instrument `{}`: expected `resource` or `driver` in its file, found "
                            "none",
                            options.target));
  }
  const ValueMap answer = identify({question}).at(0);
  const auto error = find_text(answer, "error");
  const auto& mismatches = std::get<ValueList>(answer.find("mismatches")->data());
  if (options.json) {
    std::string text;
    JsonWriter(text, 2).value(answer);
    console.print(text + "\n");
  } else if (const auto* identity = answer.find("identity")->get_if<ValueMap>()) {
    console.print(identity_text(*identity) + "\n");
  }
  if (error) {
    const bool has_address = question.resource && *question.resource != options.target;
    const std::string at = has_address ? " at " + *question.resource : "";
    console.error(fmt::format("{}{}: {}", options.target, at, *error));
  }
  for (const Value& mismatch : mismatches) {
    console.error(fmt::format("{}: identity mismatch: {}", options.target,
                              std::get<std::string>(mismatch.data())));
  }
  return error || !mismatches.empty() ? kFailure : kSuccess;
}

}  // namespace

Command instrument_identify_command() {
  auto options = std::make_shared<Options>();
  return {.name = "identify",
          .summary = "ask an instrument who it is, and compare with its file",
          .details =
              "Examples:\n"
              "  litmus instrument identify dmm_MY53012345\n"
              "  litmus instrument identify TCPIP0::192.168.1.50::INSTR",
          .options = {{.names = "ID|ADDRESS",
                       .help = "id of an instrument, or an address",
                       .target = &options->target,
                       .required = true},
                      json_option(options->json)},
          .run = [options](Console& console) { return identify_instrument(*options, console); }};
}

}  // namespace litmus
