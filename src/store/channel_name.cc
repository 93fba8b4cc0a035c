// SPDX-License-Identifier: Apache-2.0
#include "store/channel_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/file_system.h"
#include "litmus/channel_reference.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::size_t kMostCharacters = 200;
constexpr std::size_t kMostFileNameBytes = 220;  // of 255; the rest is for session and numbers
constexpr std::string_view kScheme = "channel://";
constexpr std::string_view kPlainInFileNames = "._-:[] ";
constexpr std::string_view kPlainInUris = "._-~";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[noreturn]] void refuse_id(std::string_view id, std::string_view expected) {
  throw Error(Code::kInvalidArgument,
              fmt::format("channel id '{}': expected {}", id.substr(0, 80), expected));
}

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 0) {
    return std::nullopt;
  }
  return number;
}

[[noreturn]] void refuse_uri(std::string_view uri) {
  throw Error(Code::kInvalidArgument,
              fmt::format("reference '{}': expected channel://<channel>/<session>/<row>, "
                          "channel://<channel>?session=<session> or channel://<channel>",
                          uri.substr(0, 120)));
}

}  // namespace

void check_channel_id(std::string_view id) {
  if (id.empty()) refuse_id(id, "1 to 200 characters, for example 'dmm.voltage'");
  if (id.find_first_of("/\\") != std::string_view::npos) refuse_id(id, "no / and no \\");
  if (id.find("..") != std::string_view::npos || id == ".") refuse_id(id, "no '..'");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(id, is_control)) refuse_id(id, "no control characters");
  const auto begins_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  if (std::cmp_greater(std::ranges::count_if(id, begins_character), kMostCharacters)) {
    refuse_id(id, "at most 200 characters");
  }
  if (percent_encoded(id, kPlainInFileNames).size() > kMostFileNameBytes) {
    refuse_id(id, "a shorter one: its file name would be too long");
  }
}

std::string percent_encoded(std::string_view text, std::string_view plain) {
  std::string encoded;
  for (const char c : text) {
    if (is_letter_or_digit(c) || plain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                         hex_value(text[i + 2]) >= 0;
    if (escaped) {
      decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string ChannelFileName::stem() const {
  const std::string id = percent_encoded(channel_id, kPlainInFileNames);
  return writer.empty() ? fmt::format("{}_{}", id, session8)
                        : fmt::format("{}_{}-{}", id, session8, writer);
}

std::string ChannelFileName::to_string() const {
  return segment == 0 ? stem() + ".arrow" : fmt::format("{}_{:03}.arrow", stem(), segment);
}

std::optional<ChannelFileName> ChannelFileName::parse(std::string_view name) {
  constexpr std::string_view kEnding = ".arrow";
  constexpr std::size_t kSession = 8;
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  ChannelFileName parsed;
  auto dash = name.rfind('_');
  if (dash == std::string_view::npos) return std::nullopt;
  auto last = name.substr(dash + 1);
  // The number of a segment never has as many digits as the beginning of a session id.
  if (last.size() >= 3 && last.size() < kSession && std::ranges::all_of(last, is_digit)) {
    parsed.segment = to_number(last).value_or(0);
    name = name.substr(0, dash);
    dash = name.rfind('_');
    if (dash == std::string_view::npos) return std::nullopt;
    last = name.substr(dash + 1);
  }
  if (last.size() < kSession || !std::ranges::all_of(last.substr(0, kSession), is_hex)) {
    return std::nullopt;
  }
  parsed.session8 = last.substr(0, kSession);
  if (last.size() > kSession) {
    if (last[kSession] != '-') return std::nullopt;
    parsed.writer = last.substr(kSession + 1);
  }
  parsed.channel_id = percent_decoded(name.substr(0, dash));
  if (parsed.channel_id.empty()) return std::nullopt;
  return parsed;
}

std::string ChannelReference::to_uri() const {
  std::string uri = std::string(kScheme) + percent_encoded(channel_id, kPlainInUris);
  if (!row) return session_id.empty() ? uri : uri + "?session=" + session_id;
  uri += fmt::format("/{}/{}", session_id, *row);
  return writer.empty() ? uri : uri + '@' + writer;
}

ChannelReference ChannelReference::parse(std::string_view uri) {
  constexpr std::string_view kSession = "session=";
  if (!uri.starts_with(kScheme)) refuse_uri(uri);
  const std::string_view rest = uri.substr(kScheme.size());
  ChannelReference reference;
  const auto end = rest.find_first_of("/?");
  reference.channel_id = percent_decoded(rest.substr(0, end));
  check_channel_id(reference.channel_id);
  if (end == std::string_view::npos) return reference;
  const std::string_view tail = rest.substr(end + 1);
  if (rest[end] == '?') {
    if (!tail.starts_with(kSession)) refuse_uri(uri);
    reference.session_id = Uuid::parse(tail.substr(kSession.size())).to_string();
    return reference;
  }
  const auto slash = tail.find('/');
  if (slash == std::string_view::npos) refuse_uri(uri);
  reference.session_id = Uuid::parse(tail.substr(0, slash)).to_string();
  const std::string_view row = tail.substr(slash + 1);
  const auto at = row.find('@');
  reference.row = to_number(row.substr(0, at));
  if (!reference.row) refuse_uri(uri);
  if (at != std::string_view::npos) reference.writer = row.substr(at + 1);
  return reference;
}

std::string channels_folder(const std::string& data_dir) { return join_path(data_dir, "channels"); }
std::string channel_date_folder(const std::string& data_dir, Timestamp first_write) {
  return join_path(channels_folder(data_dir), to_date(first_write));
}
std::string channel_journal_folder(const std::string& data_dir) {
  return join_path(channels_folder(data_dir), "_journal");
}

}  // namespace litmus
