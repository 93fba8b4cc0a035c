// SPDX-License-Identifier: Apache-2.0
#include "store/header_metadata.h"

#include <arrow/util/key_value_metadata.h>

#include <charconv>
#include <utility>

#include "base/crc32c.h"

namespace litmus {
namespace {

constexpr std::string_view kPrefix = "litmus.";
constexpr std::string_view kCrcKey = "litmus.header_crc";

std::uint32_t checksum(const arrow::KeyValueMetadata& metadata) {
  std::uint32_t crc = 0;
  const auto add = [&](std::string_view text) {
    crc = crc32c({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, crc);
  };
  for (std::int64_t i = 0; i < metadata.size(); ++i) {
    const std::string& key = metadata.key(i);
    if (!key.starts_with(kPrefix) || key == kCrcKey) continue;
    add(key);
    add("=");
    add(metadata.value(i));
    add("\n");
  }
  return crc;
}

}  // namespace

void HeaderMetadata::add(std::string_view key, std::string value) {
  if (!metadata_) metadata_ = std::make_shared<arrow::KeyValueMetadata>();
  metadata_->Append(std::string(kPrefix) + std::string(key), std::move(value));
}

std::shared_ptr<arrow::KeyValueMetadata> HeaderMetadata::finish() {
  metadata_->Append(std::string(kCrcKey), std::to_string(checksum(*metadata_)));
  return metadata_;
}

std::optional<HeaderTexts> HeaderTexts::read(const arrow::KeyValueMetadata& metadata,
                                             std::string_view format) {
  HeaderTexts header;
  for (std::int64_t i = 0; i < metadata.size(); ++i) {
    const std::string& key = metadata.key(i);
    if (key.starts_with(kPrefix)) header.texts_[key.substr(kPrefix.size())] = metadata.value(i);
  }
  const auto crc = header.integer("header_crc");
  if (!crc || std::cmp_not_equal(*crc, checksum(metadata)) || header.text("format") != format) {
    return std::nullopt;
  }
  return header;
}

std::optional<std::string> HeaderTexts::text(std::string_view key) const {
  const auto at = texts_.find(key);
  if (at == texts_.end()) return std::nullopt;
  return at->second;
}

std::optional<std::int64_t> HeaderTexts::integer(std::string_view key) const {
  const auto value = text(key);
  return value ? to_integer(*value) : std::nullopt;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace litmus
