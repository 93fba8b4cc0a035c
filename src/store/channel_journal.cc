// SPDX-License-Identifier: Apache-2.0
#include "store/channel_journal.h"

#include <array>
#include <atomic>
#include <cstring>

#include "base/crc32c.h"
#include "litmus/error.h"

namespace litmus {
namespace {

// A record: marker, size of the payload, CRC-32C over size, kind and payload, kind; then the
// payload, padded to a multiple of eight. All numbers are little-endian.
constexpr std::uint32_t kMarker = 0x4A434C4CU;  // "LLCJ"
constexpr std::size_t kHeadSize = 16;
enum Kind : std::uint32_t { kOwner = 1, kChannel = 2, kTexts = 3, kRows = 4, kAnnounced = 5 };

struct RowsHead {
  std::uint32_t channel;
  std::uint8_t texts;
  std::uint8_t are_missing;
  std::uint16_t unused;
  std::int64_t first_seq;
};
static_assert(sizeof(RowsHead) == 16);

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

std::uint32_t word_at(Bytes bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
}

template <class T>
Bytes bytes_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)};
}
template <class T>
Bytes bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

// Texts, each as its length and its bytes; a missing one has the length FFFFFFFF.
class TextsWriter {
 public:
  TextsWriter& add(const std::string& text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    out_.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(text);
    return *this;
  }
  TextsWriter& add(const std::optional<std::string>& text) {
    if (text) return add(*text);
    out_.append(4, '\xFF');
    return *this;
  }
  Bytes bytes() const { return {reinterpret_cast<const std::uint8_t*>(out_.data()), out_.size()}; }

 private:
  std::string out_;
};

class TextsReader {
 public:
  explicit TextsReader(Bytes bytes) : rest_(bytes) {}
  std::optional<std::string> next() {
    if (rest_.size() < 4) return std::nullopt;
    const std::size_t size = word_at(rest_, 0);
    rest_ = rest_.subspan(4);
    if (size > rest_.size()) return std::nullopt;
    std::string text(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return text;
  }
  std::string text() { return next().value_or(""); }

 private:
  Bytes rest_;
};

std::string number_text(std::int64_t number) { return std::to_string(number); }

JournalOwner to_owner(Bytes payload) {
  TextsReader texts(payload);
  JournalOwner owner;
  owner.writer_id = Uuid::parse(texts.text());
  owner.session_id = Uuid::parse(texts.text());
  owner.process.pid = std::stoll(texts.text());
  owner.process.host = texts.text();
  if (const auto started = texts.next()) owner.process.started_at = parse_iso8601(*started);
  owner.process.start_key = texts.text();
  return owner;
}

JournalRows to_rows(Bytes payload) {
  RowsHead head{};
  std::memcpy(&head, payload.data(), sizeof(head));
  const std::size_t count = (payload.size() - sizeof(head)) / 16;
  const std::uint8_t* numbers = payload.data() + sizeof(head);
  return {head.channel,
          head.texts,
          head.are_missing != 0,
          head.first_seq,
          {reinterpret_cast<const std::int64_t*>(numbers), count},
          {reinterpret_cast<const double*>(numbers + 8 * count), count}};
}

}  // namespace

JournalWriter::JournalWriter(FileSystem& files, std::string path, const JournalOwner& owner)
    : path_(std::move(path)), mapped_(files.map_new(path_ + kNewSuffix, kFileSize)) {
  if (mapped_) {
    memory_ = mapped_->bytes();
  } else {
    file_ = files.open_for_append(path_ + kNewSuffix, FileSystem::Create::kNew);
    copy_.resize(kFileSize);
    memory_ = copy_;
  }
  TextsWriter texts;
  texts.add(owner.writer_id.to_string()).add(owner.session_id.to_string());
  const ProcessIdentity& process = owner.process;
  texts.add(number_text(process.pid)).add(process.host);
  texts.add(process.started_at ? std::optional(to_iso8601(*process.started_at)) : std::nullopt);
  texts.add(process.start_key);
  const std::array<Bytes, 1> payload{texts.bytes()};
  put(kOwner, payload);
  files.rename_new(path_ + kNewSuffix, path_);  // none is without its owner, whenever we are killed
}

JournalWriter::~JournalWriter() = default;

bool JournalWriter::append(const JournalChannel& channel) {
  TextsWriter texts;
  texts.add(channel.date).add(channel.stem);
  const std::array<Bytes, 2> payload{bytes_of(channel.channel), texts.bytes()};
  return put(kChannel, payload);
}

bool JournalWriter::append(const JournalAnnounced& announced) {
  const std::uint32_t unused = 0;
  const std::array<Bytes, 3> payload{bytes_of(announced.channel), bytes_of(unused),
                                     bytes_of(announced.rows)};
  return put(kAnnounced, payload);
}

bool JournalWriter::append(const JournalTexts& record) {
  TextsWriter texts;
  texts.add(record.texts.direction).add(record.texts.source_method).add(record.texts.units);
  const std::uint32_t number = record.number;
  const std::array<Bytes, 3> payload{bytes_of(record.channel), bytes_of(number), texts.bytes()};
  return put(kTexts, payload);
}

bool JournalWriter::append(const JournalRows& rows) {
  const RowsHead head{rows.channel, rows.texts, static_cast<std::uint8_t>(rows.are_missing), 0,
                      rows.first_seq};
  const std::array<Bytes, 3> payload{bytes_of(head), bytes_of(rows.timestamps),
                                     bytes_of(rows.values)};
  return put(kRows, payload);
}

bool JournalWriter::put(std::uint32_t kind, std::span<const Bytes> payload) {
  std::size_t size = 0;
  for (const Bytes part : payload) size += part.size();
  const std::size_t total = kHeadSize + padded(size);
  // The last place stays free: a scan knows the end by a marker that is not there.
  if (total + kHeadSize > memory_.size() - written_) return false;
  std::uint8_t* record = memory_.data() + written_;
  std::uint8_t* to = record + kHeadSize;
  for (const Bytes part : payload) {
    std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  const auto size_word = static_cast<std::uint32_t>(size);
  std::memcpy(record + 4, &size_word, 4);
  std::memcpy(record + 12, &kind, 4);
  const std::uint32_t crc =
      crc32c({record + kHeadSize, size}, crc32c({record + 12, 4}, crc32c({record + 4, 4})));
  std::memcpy(record + 8, &crc, 4);
  // Last, so that whoever sees the marker sees the record.
  std::atomic_ref<std::uint32_t>(*reinterpret_cast<std::uint32_t*>(record))
      .store(kMarker, std::memory_order_release);
  if (file_) {
    try {
      file_->append({record, total});
    } catch (...) {
      std::memset(record, 0, total);
      throw;
    }
  }
  written_ += total;
  return true;
}

void JournalWriter::sync() {
  if (mapped_) mapped_->sync();
  if (file_) file_->sync();
}

std::optional<std::size_t> JournalScan::payload_size_at(std::size_t at) const {
  if (bytes_.size() < at + kHeadSize || word_at(bytes_, at) != kMarker) return std::nullopt;
  const std::size_t size = word_at(bytes_, at + 4);
  if (padded(size) > bytes_.size() - at - kHeadSize) return std::nullopt;
  if (trust_ == Trust::kWritten) return size;
  const std::uint32_t crc =
      crc32c(bytes_.subspan(at + kHeadSize, size),
             crc32c(bytes_.subspan(at + 12, 4), crc32c(bytes_.subspan(at + 4, 4))));
  return crc == word_at(bytes_, at + 8) ? std::optional(size) : std::nullopt;
}

std::optional<JournalRecord> JournalScan::next() {
  while (true) {
    auto size = payload_size_at(at_);
    if (!size && trust_ == Trust::kLeft) {
      for (std::size_t at = at_ + 8; at + kHeadSize <= bytes_.size() && !size; at += 8) {
        size = payload_size_at(at);
        if (!size) continue;
        damaged_ += at - at_;
        at_ = at;
      }
    }
    if (!size) return std::nullopt;
    const std::uint32_t kind = word_at(bytes_, at_ + 12);
    const Bytes payload = bytes_.subspan(at_ + kHeadSize, *size);
    at_ += kHeadSize + padded(*size);
    switch (kind) {
      case kOwner: return to_owner(payload);
      case kChannel: {
        TextsReader texts(payload.subspan(4));
        std::string date = texts.text();
        return JournalChannel{word_at(payload, 0), std::move(date), texts.text()};
      }
      case kTexts: {
        TextsReader texts(payload.subspan(8));
        JournalTexts record;
        record.channel = word_at(payload, 0);
        record.number = static_cast<std::uint8_t>(word_at(payload, 4));
        record.texts.direction = texts.text();
        record.texts.source_method = texts.text();
        record.texts.units = texts.next();
        return record;
      }
      case kRows: return to_rows(payload);
      case kAnnounced: {
        JournalAnnounced record{word_at(payload, 0), 0};
        std::memcpy(&record.rows, payload.data() + 8, sizeof(record.rows));
        return record;
      }
      default: break;  // of a later version
    }
  }
}

}  // namespace litmus
