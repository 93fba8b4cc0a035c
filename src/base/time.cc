// SPDX-License-Identifier: Apache-2.0
#include "litmus/time.h"

#include <array>
#include <cstdint>

#include "litmus/error.h"

namespace litmus {
namespace {

struct CivilTime {
  std::chrono::year_month_day date;
  std::int64_t hour, minute, second, microsecond;
};

CivilTime civil(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::int64_t micros = (time - day).count();
  return {std::chrono::year_month_day(day), micros / 3'600'000'000, micros / 60'000'000 % 60,
          micros / 1'000'000 % 60, micros % 1'000'000};
}

void append_digits(std::string& out, std::int64_t number, int width) {
  std::array<char, 20> digits{};
  for (int i = width - 1; i >= 0; --i) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  out.append(digits.data(), static_cast<std::size_t>(width));
}

// A text of fixed parts, put together at once: each event holds several times.
class FixedText {
 public:
  FixedText& digits(std::int64_t number, std::size_t width) {
    for (std::size_t i = width; i-- > 0; number /= 10) {
      text_[size_ + i] = static_cast<char>('0' + number % 10);
    }
    size_ += width;
    return *this;
  }
  FixedText& mark(char c) {
    text_[size_++] = c;
    return *this;
  }
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 32> text_{};
  std::size_t size_ = 0;
};

void append_date(std::string& out, const std::chrono::year_month_day& date, const char* separator) {
  append_digits(out, static_cast<int>(date.year()), 4);
  out += separator;
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += separator;
  append_digits(out, static_cast<unsigned>(date.day()), 2);
}

// A reader over the text that turns invalid once something unexpected comes.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  std::int64_t digits(std::size_t count) {
    std::int64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') {
        valid_ = false;
        return 0;
      }
      number = number * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return number;
  }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { valid_ = take(c) && valid_; }
  bool at_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
  bool done() const { return valid_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool valid_ = true;
};

}  // namespace

Timestamp now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void append_iso8601(std::string& out, Timestamp time) {
  const CivilTime t = civil(time);
  FixedText text;
  text.digits(static_cast<int>(t.date.year()), 4).mark('-');
  text.digits(static_cast<unsigned>(t.date.month()), 2).mark('-');
  text.digits(static_cast<unsigned>(t.date.day()), 2).mark('T');
  text.digits(t.hour, 2).mark(':').digits(t.minute, 2).mark(':').digits(t.second, 2).mark('.');
  text.digits(t.microsecond, 6);
  out += text.text();
  out += "+00:00";
}

std::string to_iso8601(Timestamp time) {
  std::string out;
  append_iso8601(out, time);
  return out;
}

std::string to_file_stamp(Timestamp time) {
  const CivilTime t = civil(time);
  std::string out;
  append_date(out, t.date, "");
  out += 'T';
  append_digits(out, t.hour, 2);
  append_digits(out, t.minute, 2);
  append_digits(out, t.second, 2);
  out += 'Z';
  return out;
}

std::string to_date(Timestamp time) {
  std::string out;
  append_date(out, civil(time).date, "-");
  return out;
}

Timestamp parse_iso8601(std::string_view text) {
  using namespace std::chrono;
  Cursor in(text);
  const auto year_number = static_cast<int>(in.digits(4));
  in.expect('-');
  const auto month_number = static_cast<unsigned>(in.digits(2));
  in.expect('-');
  const auto day_number = static_cast<unsigned>(in.digits(2));
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t micros = 0;
  std::int64_t offset_minutes = 0;
  if (in.take('T') || in.take(' ')) {
    hour = in.digits(2);
    in.expect(':');
    minute = in.digits(2);
    if (in.take(':')) {
      second = in.digits(2);
      if (in.take('.')) {
        std::int64_t scale = 100'000;
        do {
          micros += in.digits(1) * scale;
          scale /= 10;
        } while (in.at_digit());
      }
    }
    const bool plus = in.take('+');
    if (plus || in.take('-')) {
      offset_minutes = in.digits(2) * 60;
      static_cast<void>(in.take(':'));
      offset_minutes += in.digits(2);
      if (!plus) offset_minutes = -offset_minutes;
    } else {
      static_cast<void>(in.take('Z'));
    }
  }
  const year_month_day date{year(year_number), month(month_number), day(day_number)};
  if (!in.done() || !date.ok() || hour > 23 || minute > 59 || second > 59) {
    throw Error(Code::kInvalidArgument,
                "not a time: expected ISO 8601 such as 2026-03-10T14:30:22+00:00, found '" +
                    std::string(text.substr(0, 60)) + "'");
  }
  return Timestamp(sys_days(date)) + hours(hour) + minutes(minute - offset_minutes) +
         seconds(second) + microseconds(micros);
}

}  // namespace litmus
