// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/discovery.h"
#include "cli/instruments.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::array kProtocols{"visa", "ni", "serial", "lxi"};

struct Options {
  std::array<bool, kProtocols.size()> wanted{};
  bool identify = false;
  bool no_identify = false;
  bool json = false;
};

// Without asking for identities the addresses alone.
std::string as_json(const std::vector<ProtocolScan>& scans, bool identified) {
  ValueMap by_protocol;
  for (const ProtocolScan& scan : scans) {
    ValueList found;
    for (const FoundInstrument& instrument : scan.instruments) {
      if (!identified) {
        found.emplace_back(instrument.resource);
        continue;
      }
      found.emplace_back(
          ValueMap{{"resource", instrument.resource},
                   {"identity", instrument.identity ? Value(*instrument.identity) : Value()}});
    }
    by_protocol.set(scan.protocol, std::move(found));
  }
  std::string text;
  JsonWriter(text, 2).value(by_protocol);
  return text + "\n";
}

std::string upper(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
  return text;
}

std::string line_of(const FoundInstrument& instrument, bool identified) {
  if (!identified) return instrument.resource;
  const std::string who = instrument.identity ? identity_text(*instrument.identity) : "";
  if (who.empty()) return instrument.resource + " (could not identify)";
  return fmt::format("{} ({})", who, instrument.resource);
}

int discover(const Options& options, Console& console) {
  std::vector<std::string> protocols;
  for (std::size_t i = 0; i < kProtocols.size(); ++i) {
    if (options.wanted[i]) protocols.emplace_back(kProtocols[i]);
  }
  if (options.identify && options.no_identify) {
    throw Error(Code::kInvalidArgument, "--identify and --no-identify exclude each other");
  }
  const bool identified = !options.no_identify;
  const auto scans = scan_for_instruments(protocols, identified);
  std::size_t count = 0;
  for (const ProtocolScan& scan : scans) {
    if (!scan.note.empty()) console.warn(fmt::format("{}: {}", scan.protocol, scan.note));
    count += scan.instruments.size();
  }
  if (options.json) {
    console.print(as_json(scans, identified));
    return kSuccess;
  }
  for (const ProtocolScan& scan : scans) {
    if (!scan.note.empty()) continue;
    console.print_styled(Style::kBold, fmt::format("{}: Found {} instrument(s)\n",
                                                   upper(scan.protocol), scan.instruments.size()));
    for (const FoundInstrument& instrument : scan.instruments) {
      console.print(fmt::format("  {}\n", line_of(instrument, identified)));
    }
  }
  if (count > 0) console.print("\n`litmus station init` makes a station of them.\n");
  return kSuccess;
}

}  // namespace

Command discover_command() {
  auto options = std::make_shared<Options>();
  Command command{.name = "discover",
                  .summary = "look for instruments on the buses of this machine",
                  .details =
                      "Examples:\n"
                      "  litmus discover\n"
                      "  litmus discover --visa --no-identify --json",
                  .run = [options](Console& console) { return discover(*options, console); }};
  for (std::size_t i = 0; i < kProtocols.size(); ++i) {
    command.options.push_back({.names = fmt::format("--{}", kProtocols[i]),
                               .help = fmt::format("{}; else all protocols", kProtocols[i]),
                               .target = &options->wanted[i]});
  }
  command.options.push_back({.names = "--identify",
                             .help = "ask who they are, which is done anyway",
                             .target = &options->identify});
  command.options.push_back({.names = "--no-identify",
                             .help = "do not ask who they are",
                             .target = &options->no_identify});
  command.options.push_back(json_option(options->json));
  return command;
}

}  // namespace litmus
