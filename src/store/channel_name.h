// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

// Error(kInvalidArgument) unless the id has 1 to 200 characters without `/`, `\`, `..` and control
// characters, and its file name is not too long.
void check_channel_id(std::string_view channel_id);

std::string percent_encoded(std::string_view text, std::string_view plain);
std::string percent_decoded(std::string_view text);

// Whose rows a file holds: `{channel_id}_{session8}.arrow`, further segments `_001`, `_002`, …; the
// second process that writes the channel in the session puts `-{pid}` behind session8. Characters
// of the id other than letters, digits and `._-:[] ` are percent-encoded.
struct ChannelFileName {
  std::string channel_id;
  std::string session8;
  std::string writer;  // empty: the first
  std::int64_t segment = 0;

  std::string stem() const;  // without the number of the segment
  std::string to_string() const;
  static std::optional<ChannelFileName> parse(std::string_view name);

  friend bool operator==(const ChannelFileName&, const ChannelFileName&) = default;
};

std::string channels_folder(const std::string& data_dir);
std::string channel_date_folder(const std::string& data_dir, Timestamp first_write);
std::string channel_journal_folder(const std::string& data_dir);

}  // namespace litmus
