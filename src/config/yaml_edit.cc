// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/blanks.h"
#include "config/yaml_text.h"
#include "litmus/error.h"

namespace litmus {
namespace {

struct Change {
  ByteRange range;
  std::string text;  // in its place
};

bool is_scalar(const Value& value) {
  return value.get_if<ValueList>() == nullptr && value.get_if<ValueMap>() == nullptr;
}

class Editor {
 public:
  explicit Editor(const YamlDocument& document) : document_(document), text_(document.text()) {}

  std::string edit(const ValueMap& old, const ValueMap& wanted) {
    const auto root = document_.root();
    if (!root) {
      ValueMap differing;
      for (const auto& [key, value] : wanted) {
        if (!is_same(old, key, value)) differing.set(key, value);
      }
      return differing.empty() ? text_ : ended_by_line_break(text_) + yaml_text(differing);
    }
    if (!root->is_flow()) {
      edit_block(*root, text_.size(), old, wanted);
    } else if (!edit_flow(*root, 0, old, wanted)) {
      give_up(1);
    }
    std::ranges::stable_sort(changes_, {}, [](const Change& each) { return each.range.begin; });
    std::string edited;
    std::size_t copied = 0;
    for (const Change& change : changes_) {
      edited += text_.substr(copied, change.range.begin - copied);
      // What is added at the end may follow a last line without a line break.
      if (change.text.ends_with('\n')) edited = ended_by_line_break(std::move(edited));
      edited += change.text;
      copied = change.range.end;
    }
    return edited + text_.substr(copied);
  }

 private:
  static std::string ended_by_line_break(std::string text) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    return text;
  }

  static bool is_same(const ValueMap& old, const std::string& key, const Value& wanted) {
    const Value* before = old.find(key);
    return before != nullptr && same_content(*before, wanted);
  }

  // Keys on lines of their own; the last of them ends before `end`.
  void edit_block(const YamlNode& map, std::size_t end, const ValueMap& old,
                  const ValueMap& wanted) {
    const std::vector<YamlEntry> entries = map.entries();
    std::size_t last = line_start(begin_of(entries.front()));
    const std::size_t indent = begin_of(entries.front()) - last;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::size_t next = i + 1 < entries.size() ? line_start(begin_of(entries[i + 1])) : end;
      const ByteRange lines{line_start(begin_of(entries[i])), without_comments(next)};
      last = lines.end;
      const Value* value = wanted.find(entries[i].key);
      if (value == nullptr) {
        if (old.find(entries[i].key) != nullptr) replace_lines(entries[i], lines, "");
      } else if (!is_same(old, entries[i].key, *value)) {
        edit_entry(entries[i], lines, indent, old.find(entries[i].key), *value);
      }
    }
    std::string added;
    for (const auto& [key, value] : wanted) {
      const bool is_written = std::ranges::find(entries, key, &YamlEntry::key) != entries.end();
      if (!is_written && !is_same(old, key, value)) added += yaml_entry(key, value, indent);
    }
    if (!added.empty()) changes_.push_back({{last, last}, added});
  }

  void edit_entry(const YamlEntry& entry, ByteRange lines, std::size_t indent, const Value* old,
                  const Value& wanted) {
    if (edit_in_line(entry, old, wanted)) return;
    const auto* before = old == nullptr ? nullptr : old->get_if<ValueMap>();
    const auto* after = wanted.get_if<ValueMap>();
    if (before != nullptr && after != nullptr && entry.value.is_map() && !entry.value.is_flow()) {
      return edit_block(entry.value, lines.end, *before, *after);
    }
    replace_lines(entry, lines, yaml_entry(entry.key, wanted, indent));
  }

  // A scalar, or a map in brackets.
  bool edit_in_line(const YamlEntry& entry, const Value* old, const Value& wanted) {
    if (edit_scalar(entry, wanted)) return true;
    const auto* before = old == nullptr ? nullptr : old->get_if<ValueMap>();
    const auto* after = wanted.get_if<ValueMap>();
    return before != nullptr && after != nullptr && entry.value.is_map() && entry.value.is_flow() &&
           edit_flow(entry.value, entry.key_range->end, *before, *after);
  }

  bool edit_scalar(const YamlEntry& entry, const Value& wanted) {
    if (!is_scalar(wanted)) return false;
    if (const auto range = entry.value.range()) {
      changes_.push_back({*range, yaml_inline(wanted)});
      return true;
    }
    if (!entry.value.is_null()) return false;
    const std::size_t colon = text_.find(':', entry.key_range->end) + 1;
    changes_.push_back({{colon, colon}, " " + yaml_inline(wanted)});
    return true;
  }

  // A map in brackets, which opens behind `from`. False, and nothing done, where it must be written
  // anew.
  bool edit_flow(const YamlNode& map, std::size_t from, const ValueMap& old,
                 const ValueMap& wanted) {
    const std::vector<YamlEntry> entries = map.entries();
    const std::size_t done = changes_.size();
    std::vector<std::string> added;
    for (const auto& [key, value] : wanted) {
      if (is_same(old, key, value)) continue;
      const auto written = std::ranges::find(entries, key, &YamlEntry::key);
      if (written == entries.end()) {
        added.push_back(yaml_key(key) + ": " + yaml_inline(value));
      } else if (!edit_in_line(*written, old.find(key), value)) {
        changes_.resize(done);
        return false;
      }
    }
    const bool removes = std::ranges::any_of(entries, [&](const YamlEntry& entry) {
      return wanted.find(entry.key) == nullptr && old.find(entry.key) != nullptr;
    });
    const auto end = entries.empty() ? after_bracket(from) : range_end(entries.back());
    if (removes || (!added.empty() && !end)) {
      changes_.resize(done);
      return false;
    }
    std::string text;
    for (const std::string& each : added) {
      text += (text.empty() && entries.empty() ? "" : ", ") + each;
    }
    if (!text.empty()) changes_.push_back({{*end, *end}, text});
    return true;
  }

  std::optional<std::size_t> after_bracket(std::size_t from) const {
    const std::size_t bracket = text_.find('{', from);
    return bracket == std::string::npos ? std::nullopt : std::optional(bracket + 1);
  }

  static std::optional<std::size_t> range_end(const YamlEntry& entry) {
    const auto range = entry.value.range();
    return range ? std::optional(range->end) : std::nullopt;
  }

  void replace_lines(const YamlEntry& entry, ByteRange lines, std::string text) {
    const std::string_view replaced =
        std::string_view(text_).substr(lines.begin, lines.end - lines.begin);
    if (replaced.find(" #") != std::string_view::npos) give_up(entry.line);
    changes_.push_back({lines, std::move(text)});
  }

  std::size_t begin_of(const YamlEntry& entry) const {
    if (!entry.key_range) give_up(entry.line);
    return entry.key_range->begin;
  }

  std::size_t line_start(std::size_t offset) const {
    const std::size_t end = offset == 0 ? std::string::npos : text_.rfind('\n', offset - 1);
    return end == std::string::npos ? 0 : end + 1;
  }

  // The end without the lines before it that are empty or only a comment: they belong to what
  // follows.
  std::size_t without_comments(std::size_t end) const {
    while (end > 0) {
      const std::size_t start = line_start(end - 1);
      const std::string_view line =
          without_outer_blanks(std::string_view(text_).substr(start, end - start));
      if (!line.empty() && !line.starts_with('#')) break;
      end = start;
    }
    return end;
  }

  [[noreturn]] void give_up(int line) const {
    throw Error(Code::kInvalidArgument,
                fmt::format("{}:{}: cannot be changed without losing how it is written, or a "
                            "comment: change it by hand",
                            document_.path(), line));
  }

  const YamlDocument& document_;
  const std::string& text_;
  std::vector<Change> changes_;
};

}  // namespace

bool same_content(const Value& a, const Value& b) {
  if (const auto* list = a.get_if<ValueList>()) {
    const auto* other = b.get_if<ValueList>();
    return other != nullptr && std::ranges::equal(*list, *other, same_content);
  }
  const auto* map = a.get_if<ValueMap>();
  const auto* other = b.get_if<ValueMap>();
  if (map == nullptr || other == nullptr) return a == b;
  return map->size() == other->size() && std::ranges::all_of(*map, [&](const auto& entry) {
           const Value* value = other->find(entry.first);
           return value != nullptr && same_content(entry.second, *value);
         });
}

std::string edit_yaml(const YamlDocument& document, const ValueMap& old, const ValueMap& wanted) {
  return Editor(document).edit(old, wanted);
}

}  // namespace litmus
