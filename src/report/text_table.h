// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/time.h"

namespace litmus {

// What the place that a text goes to can show. A file or pipe: no width, no colours, UTC.
struct Canvas {
  std::optional<std::size_t> width;  // columns; absent: lines as long as they need
  bool colors = false;
  bool local_times = false;
};

enum class Style { kPlain, kBold, kDim, kGood, kBad, kWarning };

// Green for passed and done, red for failed and errored, yellow for what was stopped, dim for what
// did not happen.
Style style_of_outcome(std::string_view outcome);

// Appends the text in its style, if the canvas has colours.
void append_styled(std::string& out, const Canvas& canvas, Style style, std::string_view text);

// `2026-03-10 14:30:22` in local time, or `2026-03-10T14:30:22Z`.
std::string format_time(const Canvas& canvas, Timestamp time);

// Lines up cells under titles and fits them into the canvas: columns that may shrink lose their
// ends first, then columns that may go are dropped; of those an empty one is not shown at all.
// Cells are cleaned by printable().
class TextTable {
 public:
  struct Column {
    std::string title;
    bool right = false;         // numbers
    std::size_t min_width = 0;  // it may shrink to this; 0: it may not shrink
    int drop_order = 0;         // the highest one goes first; 0: it stays
  };
  struct Cell {
    std::string text;
    Style style = Style::kPlain;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add_row(std::vector<Cell> cells);
  // A line of its own below the last row, from the given column's start on.
  void add_note(std::size_t column, const std::string& text, Style style);

  // How many columns with content there was no room for.
  std::size_t append_to(std::string& out, const Canvas& canvas) const;

 private:
  struct Line {
    std::vector<Cell> cells;             // of a row
    std::optional<std::size_t> note_at;  // else a note, its text in cells[0]
  };

  std::vector<std::size_t> natural_widths() const;
  bool has_text(std::size_t column) const;
  std::vector<std::size_t> shrunk(std::vector<std::size_t> widths, const std::vector<bool>& shown,
                                  std::size_t room) const;
  std::vector<std::size_t> fit(const Canvas& canvas, std::vector<bool>& shown) const;
  void append_row(std::string& out, const Canvas& canvas, const std::vector<Cell>& cells,
                  const std::vector<std::size_t>& widths, const std::vector<bool>& shown) const;

  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

}  // namespace litmus
