// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/station_file.h"
#include "litmus/value.h"

namespace litmus {

// A bench as it is to be used: the station file, each role joined with its asset, held against the
// type of the station.
struct Station {
  std::string file;
  // The keys of schema/config/station.json without `resources`. `instruments` has for each role:
  // type, instrument_id, asset_file, protocol, driver, resource, catalog_ref, info, calibration,
  // mock, mock_config, channels, description; what is not known is absent.
  ValueMap record;
  std::vector<std::string> warnings;
};

// Error(kInvalidArgument) if a file is broken, an asset is missing, a role says neither driver nor
// resource, or the station is not of its type.
Station load_station(FileSystem& files, const ConfigPlaces& places, const std::string& file);

}  // namespace litmus
