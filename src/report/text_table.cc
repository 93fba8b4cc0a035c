// SPDX-License-Identifier: Apache-2.0
#include "report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "report/text_width.h"

namespace litmus {
namespace {

constexpr std::size_t kGap = 2;

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "\x1B[1m";
    case Style::kDim: return "\x1B[2m";
    case Style::kGood: return "\x1B[32m";
    case Style::kBad: return "\x1B[1;31m";
    case Style::kWarning: return "\x1B[33m";
  }
  return "";
}

std::size_t total_width(const std::vector<std::size_t>& widths, const std::vector<bool>& shown) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (shown[i]) total += widths[i] + (total == 0 ? 0 : kGap);
  }
  return total;
}

}  // namespace

Style style_of_outcome(std::string_view outcome) {
  if (outcome == "passed" || outcome == "done") return Style::kGood;
  if (outcome == "failed" || outcome == "errored") return Style::kBad;
  if (outcome == "aborted" || outcome == "terminated") return Style::kWarning;
  return Style::kDim;
}

void append_styled(std::string& out, const Canvas& canvas, Style style, std::string_view text) {
  if (!canvas.colors || style == Style::kPlain || text.empty()) {
    out += text;
    return;
  }
  out += escape_of(style);
  out += text;
  out += "\x1B[0m";
}

std::string format_time(const Canvas& canvas, Timestamp time) {
  if (!canvas.local_times) return to_iso8601(time).substr(0, 19) + "Z";
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return {text.data(), size};
}

void TextTable::add_row(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = printable(cell.text);
  lines_.push_back({std::move(cells), std::nullopt});
}

void TextTable::add_note(std::size_t column, const std::string& text, Style style) {
  lines_.push_back({{{printable(text), style}}, column});
}

std::vector<std::size_t> TextTable::natural_widths() const {
  std::vector<std::size_t> widths;
  widths.reserve(columns_.size());
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  for (const Line& line : lines_) {
    if (line.note_at) continue;
    for (std::size_t i = 0; i < line.cells.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(line.cells[i].text));
    }
  }
  return widths;
}

bool TextTable::has_text(std::size_t column) const {
  return std::ranges::any_of(lines_, [column](const Line& line) {
    return !line.note_at && !line.cells[column].text.empty();
  });
}

// The widest column gives way, so that short names stay whole as long as possible.
std::vector<std::size_t> TextTable::shrunk(std::vector<std::size_t> widths,
                                           const std::vector<bool>& shown, std::size_t room) const {
  while (total_width(widths, shown) > room) {
    std::optional<std::size_t> widest;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::size_t least = columns_[i].min_width;
      if (!shown[i] || least == 0 || widths[i] <= least) continue;
      if (!widest || widths[i] > widths[*widest]) widest = i;
    }
    if (!widest) break;
    --widths[*widest];
  }
  return widths;
}

std::vector<std::size_t> TextTable::fit(const Canvas& canvas, std::vector<bool>& shown) const {
  std::vector<std::size_t> natural = natural_widths();
  shown.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    shown.push_back(columns_[i].drop_order == 0 || has_text(i));
  }
  if (!canvas.width) return natural;
  while (true) {
    std::vector<std::size_t> widths = shrunk(natural, shown, *canvas.width);
    const auto next = std::ranges::max_element(columns_, {}, [&](const Column& column) {
      return shown[static_cast<std::size_t>(&column - columns_.data())] ? column.drop_order : 0;
    });
    const auto index = static_cast<std::size_t>(next - columns_.begin());
    if (total_width(widths, shown) <= *canvas.width || next->drop_order == 0 || !shown[index]) {
      return widths;
    }
    shown[index] = false;
  }
}

void TextTable::append_row(std::string& out, const Canvas& canvas, const std::vector<Cell>& cells,
                           const std::vector<std::size_t>& widths,
                           const std::vector<bool>& shown) const {
  std::size_t pending = 0;  // spaces before the next text: none at the end of a line
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!shown[i]) continue;
    const std::string text = cut_to_width(cells[i].text, widths[i]);
    const std::size_t space = widths[i] - std::min(widths[i], display_width(text));
    const std::size_t before = pending + (columns_[i].right ? space : 0);
    if (text.empty()) {
      pending += widths[i] + kGap;
      continue;
    }
    out.append(before, ' ');
    append_styled(out, canvas, cells[i].style, text);
    pending = kGap + (columns_[i].right ? 0 : space);
  }
  out += '\n';
}

std::size_t TextTable::append_to(std::string& out, const Canvas& canvas) const {
  std::vector<bool> shown;
  const std::vector<std::size_t> widths = fit(canvas, shown);
  std::vector<Cell> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) titles.push_back({column.title, Style::kBold});
  append_row(out, canvas, titles, widths, shown);
  for (const Line& line : lines_) {
    if (!line.note_at) {
      append_row(out, canvas, line.cells, widths, shown);
      continue;
    }
    std::size_t indent = 0;
    for (std::size_t i = 0; i < *line.note_at; ++i) indent += shown[i] ? widths[i] + kGap : 0;
    out.append(indent, ' ');
    const std::string& text = line.cells[0].text;
    const std::size_t room =
        canvas.width ? *canvas.width - std::min(*canvas.width, indent) : text.size();
    append_styled(out, canvas, line.cells[0].style, cut_to_width(text, room));
    out += '\n';
  }
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) left_out += !shown[i] && has_text(i) ? 1 : 0;
  return left_out;
}

}  // namespace litmus
