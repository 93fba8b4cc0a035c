// SPDX-License-Identifier: Apache-2.0
#include "store/event_file_rewrite.h"

#include <arrow/buffer.h>
#include <fmt/format.h>

#include <charconv>

#include "base/process.h"
#include "litmus/error.h"
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
  const std::string temporary = path + ".tmp";
  try {
    const auto file = files.open_for_append(temporary, FileSystem::Create::kReplace);
    file->append({content->data(), static_cast<std::size_t>(content->size())});
    file->sync();
    file->close();
    files.rename(temporary, path);
  } catch (...) {
    files.remove(temporary);
    throw;
  }
  files.sync_folder(parent_folder(path));
}

std::int64_t number_at(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// `{session_id}-{pid}_0001.arrow` tells what a damaged header does not. The other segments of the
// same process hold the same writer id; without any, the file becomes a writer of its own.
EventFileHeader header_from_name(FileSystem& files, const std::string& path) {
  constexpr std::size_t kUuidLength = 36;
  const std::string name = file_name(path);
  EventFileHeader header;
  header.writer_id = Uuid::random();
  if (name.size() <= kUuidLength) return header;
  try {
    header.session_id = Uuid::parse(std::string_view(name).substr(0, kUuidLength));
  } catch (const Error&) {
    return header;
  }
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

std::string put_aside(FileSystem& files, const std::string& path) {
  std::string aside = path + ".damaged";
  for (int copy = 2; files.exists(aside); ++copy) aside = fmt::format("{}.damaged{}", path, copy);
  files.link_or_copy(path, aside);
  return aside;
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

  EventFileHeader header;
  if (result.found.header) {
    header = *result.found.header;
    if (!result.found.closed && !header.sealed &&
        liveness_of({header.host, header.pid, header.process_started_at}) == Liveness::kAlive) {
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
