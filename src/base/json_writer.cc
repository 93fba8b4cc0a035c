// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace litmus {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::size_t plain = 0;  // what is before `i` and after `plain` is copied as it is
  std::size_t i = 0;
  const auto flush = [&] { out.append(text.substr(plain, i - plain)); };
  out += '"';
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20U && c < 0x80U && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    if (c >= 0x80U) {
      const std::size_t length = utf8_sequence(text.substr(i));
      if (length > 0) {
        i += length;
        continue;
      }
      flush();
      out += "\xEF\xBF\xBD";
    } else {
      flush();
      out += '\\';
      switch (c) {
        case '"': out += '"'; break;
        case '\\': out += '\\'; break;
        case '\n': out += 'n'; break;
        case '\r': out += 'r'; break;
        case '\t': out += 't'; break;
        default:
          out += "u00";
          out += kHex[c >> 4U];
          out += kHex[c & 0x0FU];
      }
    }
    plain = ++i;
  }
  flush();
  out += '"';
}

}  // namespace

void JsonWriter::element() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  first_ = false;
  if (indent_ > 0 && depth_ > 0) {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_ * depth_), ' ');
  }
}

void JsonWriter::begin(char bracket) {
  element();
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonWriter::end(char bracket) {
  --depth_;
  if (indent_ > 0 && !first_) {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_ * depth_), ' ');
  }
  out_ += bracket;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  element();
  append_escaped(out_, name);
  out_ += ':';
  if (indent_ > 0) out_ += ' ';
  after_key_ = true;
}

void JsonWriter::null() {
  element();
  out_ += "null";
}

void JsonWriter::value(bool boolean) {
  element();
  out_ += boolean ? "true" : "false";
}

void JsonWriter::value(std::int64_t integer) {
  element();
  char text[24];
  const auto end = std::to_chars(text, text + sizeof(text), integer).ptr;
  out_.append(text, end);
}

void JsonWriter::value(double number) {
  if (!std::isfinite(number)) {
    value(std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
    return;
  }
  element();
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
  out_.append(text, end);
  // A number stays a number with a fraction: 3.0 must not come back as the integer 3.
  if (std::string_view(text, end).find_first_of(".e") == std::string_view::npos) out_ += ".0";
}

void JsonWriter::value(std::string_view text) {
  element();
  append_escaped(out_, text);
}

void JsonWriter::value(Timestamp time) {
  element();
  out_ += '"';
  append_iso8601(out_, time);
  out_ += '"';
}

void JsonWriter::value(const Uuid& id) {
  element();
  out_ += '"';
  id.append_to(out_);
  out_ += '"';
}

void JsonWriter::value(const ValueMap& map) {
  begin_object();
  for (const auto& [name, item] : map) {
    key(name);
    value(item);
  }
  end_object();
}

void JsonWriter::value(const ValueList& list) {
  begin_array();
  for (const Value& item : list) value(item);
  end_array();
}

void JsonWriter::value(const Value& any) {
  std::visit(
      [this](const auto& item) {
        if constexpr (std::is_same_v<std::decay_t<decltype(item)>, std::monostate>) {
          null();
        } else {
          value(item);
        }
      },
      any.data());
}

}  // namespace litmus
