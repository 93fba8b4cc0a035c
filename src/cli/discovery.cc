// SPDX-License-Identifier: Apache-2.0
#include "cli/discovery.h"

#include "cli/instruments.h"
#include "cli/python_tool.h"

namespace litmus {
namespace {

ProtocolScan scan_of(const std::string& protocol, const ValueMap& found) {
  ProtocolScan scan{.protocol = protocol, .instruments = {}, .note = {}};
  scan.note = find_text(found, "note").value_or("");
  for (const Value& one : std::get<ValueList>(found.find("instruments")->data())) {
    const auto& instrument = std::get<ValueMap>(one.data());
    const auto* identity = instrument.find("identity")->get_if<ValueMap>();
    scan.instruments.push_back({*find_text(instrument, "resource"),
                                identity == nullptr ? std::nullopt : std::optional(*identity)});
  }
  return scan;
}

}  // namespace

std::vector<ProtocolScan> scan_for_instruments(const std::vector<std::string>& protocols,
                                               bool identify) {
  ValueList wanted;
  for (const std::string& protocol : protocols) wanted.emplace_back(protocol);
  const Value answer =
      ask_python("discover", {{"protocols", std::move(wanted)}, {"identify", identify}});
  std::vector<ProtocolScan> scans;
  for (const auto& [protocol, found] : std::get<ValueMap>(answer.data())) {
    scans.push_back(scan_of(protocol, std::get<ValueMap>(found.data())));
  }
  return scans;
}

}  // namespace litmus
