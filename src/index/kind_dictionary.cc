// SPDX-License-Identifier: Apache-2.0
#include "index/kind_dictionary.h"

#include <string_view>

namespace litmus {

void KindDictionary::load(DuckConnection& connection) {
  keys_.clear();
  DuckResult kinds =
      connection.query("FROM sealed.measurement_kinds", {}, "read the kinds of measurements");
  while (kinds.next_row()) {
    Fingerprint print;
    for (idx_t i = 1; i <= kKindColumns.size(); ++i) {
      print.add(kinds.is_null(i) ? std::nullopt : std::optional(kinds.text(i)));
    }
    keys_.emplace(print, static_cast<std::int32_t>(kinds.integer(0)));
  }
}

std::int64_t KindDictionary::key_of(std::span<const IngestColumn> cells, std::int64_t row) {
  Fingerprint print;
  for (const IngestColumn& cell : cells) print.add(cell.text(row));
  const auto [place, is_new] = keys_.emplace(print, static_cast<std::int32_t>(keys_.size()));
  if (is_new) {
    const TableWriter::Row kind = table_.add_row();
    table_.set(kind, 0, std::int64_t{place->second});
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (const auto text = cells[i].text(row)) table_.set(kind, i + 1, *text);
    }
  }
  return place->second;
}

}  // namespace litmus
