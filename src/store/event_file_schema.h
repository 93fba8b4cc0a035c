// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "store/event_file_header.h"

namespace arrow {
class KeyValueMetadata;
class Schema;
}  // namespace arrow

namespace litmus {

// The nine columns of an event file, without metadata.
const std::shared_ptr<arrow::Schema>& event_schema();

std::shared_ptr<arrow::KeyValueMetadata> to_metadata(const EventFileHeader& header);

// Nothing if a key is missing, malformed, or the checksum does not hold.
std::optional<EventFileHeader> from_metadata(const arrow::KeyValueMetadata& metadata);

}  // namespace litmus
