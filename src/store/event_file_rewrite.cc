// SPDX-License-Identifier: Apache-2.0
#include "store/event_file_rewrite.h"

#include <arrow/buffer.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/process.h"
#include "litmus/error.h"
#include "store/replaced_file.h"
#include "store/sealed_event_rows.h"

namespace litmus {
namespace {

// Compressed batches with the intact rows of `original`, read back and compared before anybody
// relies on them.
std::shared_ptr<arrow::Buffer> sealed_copy(const std::string& path, const EventFileHeader& header,
                                           Bytes original) {
  SealedEventRows rows(header);
  std::vector<std::uint32_t> expected;
  scan_event_file(original, [&](const EventRow& row) {
    rows.add(row);
    expected.push_back(row_crc(row));
  });
  auto content = rows.finish();
  std::vector<std::uint32_t> found;
  const auto report = scan_event_file({content->data(), static_cast<std::size_t>(content->size())},
                                      [&](const EventRow& row) { found.push_back(row_crc(row)); });
  if (found != expected || !report.damages.empty()) {
    throw Error(Code::kCorrupt, "cannot rewrite " + path +
                                    ": the compressed rows do not read back as they were; the file "
                                    "is left as it is");
  }
  return content;
}

void replace_file(FileSystem& files, const std::string& path, const EventFileHeader& header,
                  Bytes original) {
  const auto content = sealed_copy(path, header, original);
  replace_content(files, path, {content->data(), static_cast<std::size_t>(content->size())});
}

std::int64_t number_at(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

constexpr std::size_t kUuidLength = 36;

// Whether the name is that of an event file: it begins with the id of a session.
std::optional<Uuid> session_in(const std::string& name) {
  if (name.size() <= kUuidLength) return std::nullopt;
  try {
    return Uuid::parse(std::string_view(name).substr(0, kUuidLength));
  } catch (const Error&) {
    return std::nullopt;
  }
}

// What is left of a damaged header. Nothing at all is what a writer leaves that dies at once.
bool has_our_metadata(Bytes bytes) {
  constexpr std::string_view kPrefix = "litmus.";
  return bytes.empty() || !std::ranges::search(bytes, kPrefix, {}, {}, [](char c) {
                             return static_cast<std::uint8_t>(c);
                           }).empty();
}

// `{session_id}-{pid}_0001.arrow` tells what a damaged header does not. The other segments of the
// same process hold the same writer id; without any, the file becomes a writer of its own.
EventFileHeader header_from_name(FileSystem& files, const std::string& path) {
  const std::string name = file_name(path);
  EventFileHeader header;
  header.writer_id = Uuid::random();
  const auto session_id = session_in(name);
  if (!session_id) return header;
  header.session_id = *session_id;
  header.pid = number_at(std::string_view(name).substr(kUuidLength + 1));
  const auto underscore = name.find('_', kUuidLength);
  if (underscore != std::string::npos) {
    header.segment = number_at(std::string_view(name).substr(underscore + 1));
  }
  const std::string stem = fmt::format("{}-{}", header.session_id.to_string(), header.pid);
  const std::string folder = parent_folder(path);
  for (const DirectoryEntry& entry : files.list(folder)) {
    const bool sibling = entry.name.ends_with(".arrow") && entry.name != name &&
                         (entry.name.starts_with(stem + ".") || entry.name.starts_with(stem + "_"));
    if (!sibling) continue;
    const auto content = files.read(join_path(folder, entry.name));
    const auto report = scan_event_file(content->bytes(), [](const EventRow&) {});
    if (!report.header) continue;
    header.writer_id = report.header->writer_id;
    header.host = report.header->host;
    header.process_started_at = report.header->process_started_at;
    header.process_start_key = report.header->process_start_key;
    break;
  }
  return header;
}

// What is missing between the rows that are there, and before the first.
std::vector<SeqRange> missing_ranges(Bytes bytes, const EventFileHeader& header) {
  std::vector<SeqRange> lost;
  std::int64_t next = header.first_seq;
  scan_event_file(bytes, [&](const EventRow& row) {
    if (row.seq > next) lost.push_back({next, row.seq - 1});
    next = row.seq + 1;
  });
  if (header.sealed && next <= header.sealed->last_seq) {
    lost.push_back({next, header.sealed->last_seq});
  }
  return lost;
}

}  // namespace

bool seal_event_file(FileSystem& files, const std::string& path) {
  const auto content = files.read(path);
  const auto report = scan_event_file(content->bytes(), [](const EventRow&) {});
  if (!report.closed || !report.damages.empty() || !report.header || report.header->sealed) {
    return false;
  }
  EventFileHeader header = *report.header;
  header.sealed =
      EventFileHeader::Sealed{report.rows, report.last_seq.value_or(header.first_seq - 1)};
  replace_file(files, path, header, content->bytes());
  return true;
}

void prepare_sealing() {
  [[maybe_unused]] static const bool prepared = [] {
    SealedEventRows rows(EventFileHeader{});
    EventRow row;
    rows.add(row);  // a column with nulls and columns without take different ways
    row.run_id = "run";
    rows.add(row);
    const auto content = rows.finish();
    scan_event_file({content->data(), static_cast<std::size_t>(content->size())},
                    [](const EventRow&) {});
    return true;
  }();
}

RepairResult repair_event_file(FileSystem& files, const std::string& path) {
  const auto content = files.read(path);
  std::optional<std::int64_t> first_seq;
  RepairResult result;
  result.found = scan_event_file(content->bytes(), [&](const EventRow& row) {
    if (!first_seq) first_seq = row.seq;
  });
  result.rows_kept = result.found.rows;
  if (result.found.damages.empty() && result.found.closed) return result;
  if (!result.found.header && result.found.rows == 0 && !session_in(file_name(path)) &&
      !has_our_metadata(content->bytes())) {
    throw Error(Code::kInvalidArgument,
                fmt::format("{} is no event file: neither its name nor anything in it is that of "
                            "one; it is left as it is",
                            path));
  }

  EventFileHeader header;
  if (result.found.header) {
    header = *result.found.header;
    if (!result.found.closed && !header.sealed &&
        liveness_of(writer_of(header)) == Liveness::kAlive) {
      throw Error(Code::kBusy, fmt::format("cannot repair {}: process {} on {} is writing it; "
                                           "repair it when that has ended",
                                           path, header.pid, header.host));
    }
  } else {
    header = header_from_name(files, path);
    header.first_seq = first_seq.value_or(0);
  }
  header.lost = missing_ranges(content->bytes(), header);
  const std::int64_t last_seq = std::max(result.found.last_seq.value_or(header.first_seq - 1),
                                         header.lost.empty() ? INT64_MIN : header.lost.back().last);
  header.sealed = EventFileHeader::Sealed{result.found.rows, last_seq};
  if (!result.found.damages.empty()) result.original = put_aside(files, path);
  replace_file(files, path, header, content->bytes());
  files.remove(path + kReserveSuffix);
  result.changed = true;
  return result;
}

}  // namespace litmus
