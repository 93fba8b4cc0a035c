// SPDX-License-Identifier: Apache-2.0
#include "store/small_run_file_reader.h"

#include <arrow/array/array_base.h>
#include <arrow/array/array_nested.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/arrow_status.h"
#include "store/parquet_chunk.h"
#include "store/parquet_decoding.h"
#include "store/parquet_encoding.h"
#include "store/small_run_columns.h"
#include "store/small_run_file.h"
#include "store/thrift_reader.h"

namespace litmus {
namespace {

using Physical = ParquetType::Physical;
using Encoding = ParquetChunk::Encoding;
using Codec = ParquetChunk::Codec;

constexpr std::string_view kMagic = "PAR1";
constexpr std::size_t kTailSize = 8;  // length of the footer, magic
constexpr std::int64_t kMostPageBytes = 64 << 20;
const char* const kAction = "read a run file";

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What is wanted of files that have the same columns.
struct WantedColumns {
  SmallRunColumns all;
  bool (*is_wanted)(std::string_view);
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::size_t> positions;  // of its fields among all
  arrow::ArrayVector nulls;            // of the type of each

  WantedColumns(const std::shared_ptr<arrow::Schema>& of, bool (*wanted)(std::string_view))
      : all(of), is_wanted(wanted) {
    arrow::FieldVector fields;
    for (std::size_t i = 0; i < all.types.size(); ++i) {
      const auto& field = of->field(static_cast<int>(i));
      if (!is_wanted(field->name())) continue;
      positions.push_back(i);
      fields.push_back(field);
      nulls.push_back(
          value_or_throw(arrow::MakeArrayOfNull(field->type(), kMostSmallRunRows), kAction));
    }
    schema = arrow::schema(std::move(fields));
  }
};

// Runs that come after each other mostly have the same columns: the last ones are kept.
std::shared_ptr<const WantedColumns> wanted_columns(std::string_view elements,
                                                    std::string_view arrow_schema,
                                                    bool (*is_wanted)(std::string_view)) {
  struct Last {
    std::mutex mutex;
    std::shared_ptr<const WantedColumns> columns;
  };
  static Last& last = *new Last;
  {
    const std::lock_guard lock(last.mutex);
    if (last.columns && last.columns->is_wanted == is_wanted &&
        last.columns->all.elements == elements && last.columns->all.arrow_schema == arrow_schema) {
      return last.columns;
    }
  }
  const auto message = arrow::util::base64_decode(arrow_schema);
  if (!message.ok()) throw UnfamiliarBytes();
  arrow::io::BufferReader source(arrow::Buffer::FromString(*message));
  arrow::ipc::DictionaryMemo dictionaries;
  const auto schema = arrow::ipc::ReadSchema(&source, &dictionaries);
  if (!schema.ok()) throw UnfamiliarBytes();
  auto columns = std::make_shared<const WantedColumns>(*schema, is_wanted);
  if (columns->all.elements != elements) throw UnfamiliarBytes();
  const std::lock_guard lock(last.mutex);
  last.columns = columns;
  return columns;
}

// What the footer says.
struct Footer {
  std::string_view elements;
  std::string_view arrow_schema;
  std::int64_t rows = 0;
  std::vector<ParquetChunk> chunks;
};

void read_statistics(ThriftReader& thrift, ParquetChunk& chunk) {
  thrift.read_struct([&](int id) {
    if (id == 3) chunk.nulls = thrift.integer();
    return id == 3;
  });
}

ParquetChunk read_column_metadata(ThriftReader& thrift) {
  ParquetChunk chunk;
  thrift.read_struct([&](int id) {
    switch (id) {
      case 2:  // of the levels, of the values, perhaps of the dictionary
        if (thrift.list() < 2) throw UnfamiliarBytes();
        thrift.integer();
        chunk.encoding = static_cast<Encoding>(thrift.integer());
        if (chunk.encoding == Encoding::kDictionary) thrift.integer();
        return true;
      case 4: chunk.codec = static_cast<Codec>(thrift.integer()); return true;
      case 5: chunk.levels = thrift.integer(); return true;
      case 9: chunk.data_at = thrift.integer(); return true;
      case 11: chunk.dictionary_at = thrift.integer(); return true;
      case 12: read_statistics(thrift, chunk); return true;
      default: return false;
    }
  });
  return chunk;
}

void read_row_group(ThriftReader& thrift, Footer& footer) {
  if (thrift.list() != 1) throw UnfamiliarBytes();
  thrift.read_struct([&](int id) {
    if (id != 1) return false;
    for (std::uint64_t left = thrift.list(); left > 0; --left) {
      ParquetChunk& chunk = footer.chunks.emplace_back();
      thrift.read_struct([&](int field) {
        if (field == 3) chunk = read_column_metadata(thrift);
        return field == 3;
      });
    }
    return true;
  });
}

void read_key_values(ThriftReader& thrift, Footer& footer) {
  for (std::uint64_t left = thrift.list(); left > 0; --left) {
    std::string_view key;
    std::string_view value;
    thrift.read_struct([&](int id) {
      if (id == 1) key = thrift.binary();
      if (id == 2) value = thrift.binary();
      return id == 1 || id == 2;
    });
    if (key == "ARROW:schema") footer.arrow_schema = value;
  }
}

Footer read_footer(Bytes file) {
  if (file.size() < kMagic.size() + kTailSize || !text_of(file).ends_with(kMagic)) {
    throw UnfamiliarBytes();
  }
  const std::uint64_t size = ByteReader(file.last(kTailSize)).little_endian(4);
  if (size > file.size() - kMagic.size() - kTailSize) throw UnfamiliarBytes();
  ByteReader bytes(file.subspan(file.size() - kTailSize - size, size));
  ThriftReader thrift(bytes);
  Footer footer;
  bool ours = false;
  thrift.read_struct([&](int id) {
    switch (id) {
      case 2: {
        std::uint64_t left = thrift.list();
        const auto* begin = bytes.position();
        for (; left > 0; --left) thrift.read_struct([](int) { return false; });
        footer.elements = text_of({begin, bytes.position()});
        return true;
      }
      case 3: footer.rows = thrift.integer(); return true;
      case 4: read_row_group(thrift, footer); return true;
      case 5: read_key_values(thrift, footer); return true;
      case 6: ours = thrift.binary().starts_with(kSmallRunFileWriter); return true;
      default: return false;
    }
  });
  if (!ours || footer.rows < 1 || footer.rows > kMostSmallRunRows) throw UnfamiliarBytes();
  return footer;
}

struct PageHeader {
  std::int64_t size = 0;
  std::int64_t compressed_size = 0;
  std::uint32_t checksum = 0;
  std::int64_t values = 0;
  Encoding encoding = Encoding::kPlain;
};

PageHeader read_page_header(ByteReader& bytes) {
  PageHeader header;
  ThriftReader thrift(bytes);
  thrift.read_struct([&](int id) {
    switch (id) {
      case 2: header.size = thrift.integer(); return true;
      case 3: header.compressed_size = thrift.integer(); return true;
      case 4: header.checksum = static_cast<std::uint32_t>(thrift.integer()); return true;
      case 5:
      case 7:
        thrift.read_struct([&](int field) {
          if (field == 1) header.values = thrift.integer();
          if (field == 2) header.encoding = static_cast<Encoding>(thrift.integer());
          return field == 1 || field == 2;
        });
        return true;
      default: return false;
    }
  });
  if (header.size < 0 || header.size > kMostPageBytes || header.compressed_size < 0 ||
      header.values < 0 || header.values > kMostPageBytes) {
    throw UnfamiliarBytes();
  }
  return header;
}

std::shared_ptr<arrow::Buffer> buffer_of(std::size_t size) {
  return value_or_throw(arrow::AllocateBuffer(static_cast<std::int64_t>(size)), kAction);
}

// Column by column; each takes the place of the one before.
class ColumnDecoder {
 public:
  ColumnDecoder(Bytes file, std::int64_t rows) : file_(file), rows_(rows) {}

  std::shared_ptr<arrow::Array> decode(const ParquetType& type, const ParquetChunk& chunk,
                                       const std::shared_ptr<arrow::DataType>& arrow_type) {
    defined_.clear();
    repeated_.clear();
    numbers_.clear();
    texts_.clear();
    read(type, chunk);
    if (!type.is_list) {
      if (std::ssize(defined_) != rows_) throw UnfamiliarBytes();
      return elements(type, arrow_type, 1);
    }
    return lists(type, arrow_type);
  }

 private:
  // The content of the page at an offset.
  Bytes page_at(std::int64_t offset, Codec codec, PageHeader& header, std::string& uncompressed) {
    if (offset < 0 || static_cast<std::uint64_t>(offset) > file_.size()) throw UnfamiliarBytes();
    ByteReader bytes(file_.subspan(static_cast<std::size_t>(offset)));
    header = read_page_header(bytes);
    const Bytes page = bytes.take(static_cast<std::uint64_t>(header.compressed_size));
    if (arrow::internal::crc32(0, page.data(), page.size()) != header.checksum) {
      throw UnfamiliarBytes();
    }
    if (codec == Codec::kUncompressed) return page;
    if (codec != Codec::kZstd) throw UnfamiliarBytes();
    if (!zstd_) {
      zstd_ = value_or_throw(arrow::util::Codec::Create(arrow::Compression::ZSTD), kAction);
    }
    uncompressed.resize(static_cast<std::size_t>(header.size));
    auto* out = reinterpret_cast<std::uint8_t*>(uncompressed.data());
    const auto size = zstd_->Decompress(header.compressed_size, page.data(), header.size, out);
    if (!size.ok() || *size != header.size) throw UnfamiliarBytes();
    return {out, uncompressed.size()};
  }

  void read(const ParquetType& type, const ParquetChunk& chunk) {
    PageHeader header;
    if (chunk.dictionary_at > 0) {
      ByteReader page(page_at(chunk.dictionary_at, chunk.codec, header, dictionary_page_));
      read_plain(type, page, static_cast<std::size_t>(header.values));
      dictionary_numbers_.swap(numbers_);
      dictionary_texts_.swap(texts_);
      numbers_.clear();
      texts_.clear();
    }
    ByteReader page(page_at(chunk.data_at, chunk.codec, header, data_page_));
    if (header.values != chunk.levels || header.encoding != chunk.encoding) {
      throw UnfamiliarBytes();
    }
    const auto levels = static_cast<std::size_t>(header.values);
    if (type.is_list) read_levels(page, 1, levels, repeated_);
    read_levels(page, type.most_defined(), levels, defined_);
    const auto count = static_cast<std::size_t>(std::ranges::count(defined_, type.most_defined()));
    switch (header.encoding) {
      case Encoding::kPlain: return read_plain(type, page, count);
      case Encoding::kDictionary: return read_positions(type, page, count);
      case Encoding::kDelta: return parquet_decoding::read_delta(page, count, numbers_);
      case Encoding::kByteStreams:
        return parquet_decoding::read_byte_streams(page, count, numbers_);
      case Encoding::kRle: break;
    }
    throw UnfamiliarBytes();
  }

  static void read_levels(ByteReader& page, std::uint32_t most, std::size_t count,
                          std::vector<std::uint32_t>& out) {
    ByteReader levels(page.take(page.little_endian(4)));
    out.reserve(count);
    parquet_decoding::read_hybrid(levels, parquet_encoding::bits_for(most), count, out);
  }

  void read_plain(const ParquetType& type, ByteReader& page, std::size_t count) {
    switch (type.physical) {
      case Physical::kByteArray: return parquet_decoding::read_plain(page, count, texts_);
      case Physical::kBoolean: return parquet_decoding::read_plain_bits(page, count, numbers_);
      case Physical::kInt32: return parquet_decoding::read_plain(page, 4, count, numbers_);
      default: return parquet_decoding::read_plain(page, 8, count, numbers_);
    }
  }

  void read_positions(const ParquetType& type, ByteReader& page, std::size_t count) {
    positions_.clear();
    const unsigned width = page.byte();
    parquet_decoding::read_hybrid(page, width, count, positions_);
    const auto look_up = [&](const auto& dictionary, auto& values) {
      values.reserve(count);
      for (const std::uint32_t position : positions_) {
        if (position >= dictionary.size()) throw UnfamiliarBytes();
        values.push_back(dictionary[position]);
      }
    };
    if (type.physical == Physical::kByteArray) {
      look_up(dictionary_texts_, texts_);
    } else {
      look_up(dictionary_numbers_, numbers_);
    }
  }

  // One element for each level from `least` on, null below the highest.
  std::shared_ptr<arrow::Array> elements(const ParquetType& type,
                                         const std::shared_ptr<arrow::DataType>& arrow_type,
                                         std::uint32_t least) {
    const std::uint32_t most = type.most_defined();
    valid_.clear();
    for (const std::uint32_t level : defined_) {
      if (level >= least || !type.is_list) valid_.push_back(level == most ? 1 : 0);
    }
    const std::size_t values = numbers_.size() + texts_.size();
    const std::size_t nulls = valid_.size() - values;
    std::shared_ptr<arrow::Buffer> validity;
    if (nulls > 0) validity = bitmap(valid_);
    auto data = arrow::ArrayData::Make(arrow_type, std::ssize(valid_), {validity},
                                       static_cast<std::int64_t>(nulls));
    switch (type.physical) {
      case Physical::kByteArray: add_texts(*data); break;
      case Physical::kBoolean: add_bits(*data); break;
      case Physical::kInt32: add_numbers<std::int32_t>(*data); break;
      default: add_numbers<std::int64_t>(*data); break;
    }
    return arrow::MakeArray(data);
  }

  static std::shared_ptr<arrow::Buffer> bitmap(const std::vector<std::uint8_t>& bits) {
    auto buffer = buffer_of((bits.size() + 7) / 8);
    auto* bytes = buffer->mutable_data();
    std::memset(bytes, 0, static_cast<std::size_t>(buffer->size()));
    for (std::size_t i = 0; i < bits.size(); ++i) {
      bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | bits[i] << i % 8);
    }
    return buffer;
  }

  template <class T>
  void add_numbers(arrow::ArrayData& data) {
    auto buffer = buffer_of(valid_.size() * sizeof(T));
    auto* out = reinterpret_cast<T*>(buffer->mutable_data());
    auto next = numbers_.begin();
    for (const std::uint8_t valid : valid_) *out++ = valid != 0 ? static_cast<T>(*next++) : T{};
    data.buffers.push_back(std::move(buffer));
  }

  void add_bits(arrow::ArrayData& data) {
    std::vector<std::uint8_t> bits;
    bits.reserve(valid_.size());
    auto next = numbers_.begin();
    for (const std::uint8_t valid : valid_) {
      bits.push_back(valid != 0 ? static_cast<std::uint8_t>(*next++) : 0);
    }
    data.buffers.push_back(bitmap(bits));
  }

  void add_texts(arrow::ArrayData& data) {
    std::size_t size = 0;
    for (const std::string_view text : texts_) size += text.size();
    if (size > static_cast<std::size_t>(kMostPageBytes)) throw UnfamiliarBytes();
    auto offsets = buffer_of((valid_.size() + 1) * sizeof(std::int32_t));
    auto characters = buffer_of(size);
    auto* offset = reinterpret_cast<std::int32_t*>(offsets->mutable_data());
    auto* out = reinterpret_cast<char*>(characters->mutable_data());
    std::int32_t end = 0;
    *offset++ = end;
    auto next = texts_.begin();
    for (const std::uint8_t valid : valid_) {
      if (valid != 0) {
        next->copy(out + end, next->size());
        end += static_cast<std::int32_t>((next++)->size());
      }
      *offset++ = end;
    }
    data.buffers.push_back(std::move(offsets));
    data.buffers.push_back(std::move(characters));
  }

  // Levels: 0 a list that is null, 1 an empty one, 2 a null in a list, 3 a value.
  std::shared_ptr<arrow::Array> lists(const ParquetType& type,
                                      const std::shared_ptr<arrow::DataType>& arrow_type) {
    const auto& element_type = static_cast<const arrow::ListType&>(*arrow_type).value_type();
    const auto values = elements(type, element_type, 2);
    valid_.clear();
    std::vector<std::int32_t> offsets;
    std::int32_t end = 0;
    for (std::size_t i = 0; i < defined_.size(); ++i) {
      if (repeated_[i] == 0) {
        offsets.push_back(end);
        valid_.push_back(defined_[i] > 0 ? 1 : 0);
      }
      if (defined_[i] >= 2) ++end;
    }
    offsets.push_back(end);
    if (std::ssize(valid_) != rows_) throw UnfamiliarBytes();
    auto offsets_buffer = buffer_of(offsets.size() * sizeof(std::int32_t));
    std::memcpy(offsets_buffer->mutable_data(), offsets.data(),
                offsets.size() * sizeof(std::int32_t));
    const auto nulls = std::ranges::count(valid_, std::uint8_t{0});
    return std::make_shared<arrow::ListArray>(arrow_type, rows_, std::move(offsets_buffer), values,
                                              nulls > 0 ? bitmap(valid_) : nullptr, nulls);
  }

  Bytes file_;
  std::int64_t rows_;
  std::unique_ptr<arrow::util::Codec> zstd_;
  std::string data_page_;
  std::string dictionary_page_;
  std::vector<std::uint32_t> defined_;
  std::vector<std::uint32_t> repeated_;
  std::vector<std::uint32_t> positions_;
  std::vector<std::int64_t> numbers_;
  std::vector<std::string_view> texts_;
  std::vector<std::int64_t> dictionary_numbers_;
  std::vector<std::string_view> dictionary_texts_;
  std::vector<std::uint8_t> valid_;
};

}  // namespace

std::shared_ptr<arrow::RecordBatch> read_small_run_file(
    Bytes file, bool (*is_wanted)(std::string_view column)) {
  try {
    const Footer footer = read_footer(file);
    const auto columns = wanted_columns(footer.elements, footer.arrow_schema, is_wanted);
    if (footer.chunks.size() != columns->all.types.size()) return nullptr;
    ColumnDecoder decoder(file, footer.rows);
    arrow::ArrayVector arrays;
    arrays.reserve(columns->positions.size());
    for (std::size_t i = 0; i < columns->positions.size(); ++i) {
      const ParquetType& type = columns->all.types[columns->positions[i]];
      const ParquetChunk& chunk = footer.chunks[columns->positions[i]];
      const bool all_null = !type.is_list && chunk.nulls == footer.rows;
      arrays.push_back(all_null ? columns->nulls[i]->Slice(0, footer.rows)
                                : decoder.decode(type, chunk, columns->nulls[i]->type()));
    }
    return arrow::RecordBatch::Make(columns->schema, footer.rows, std::move(arrays));
  } catch (const UnfamiliarBytes&) {
    return nullptr;
  }
}

}  // namespace litmus
