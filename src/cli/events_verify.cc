// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/event_listing.h"
#include "cli/progress.h"
#include "upkeep/event_verification.h"

namespace litmus {
namespace {

struct VerifyOptions {
  std::vector<std::string> files;
  bool json = false;
  std::optional<std::string> data_dir;
};

void write_range(JsonWriter& json, const SeqRange& seqs) {
  json.begin_array();
  json.value(seqs.first);
  json.value(seqs.last);
  json.end_array();
}

void write_seqs(JsonWriter& json, const std::optional<SeqRange>& seqs) {
  json.key("seqs");
  if (!seqs) return json.null();
  write_range(json, *seqs);
}

// What a repair before this could not save.
std::vector<SeqRange> lost_earlier(const VerifiedFile& file) {
  return file.report.header ? file.report.header->lost : std::vector<SeqRange>{};
}

std::string to_json(const Verification& result) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object();
  json.key("files");
  json.begin_array();
  for (const VerifiedFile& file : result.files) {
    json.begin_object();
    json.key("file");
    json.value(file.path);
    json.key("events");
    json.value(file.report.rows);
    json.key("closed");
    json.value(file.report.closed);
    json.key("lost_earlier");
    json.begin_array();
    for (const SeqRange& seqs : lost_earlier(file)) write_range(json, seqs);
    json.end_array();
    json.key("damages");
    json.begin_array();
    for (const EventDamage& damage : file.report.damages) {
      json.begin_object();
      json.key("begin");
      json.value(static_cast<std::int64_t>(damage.begin));
      json.key("end");
      json.value(static_cast<std::int64_t>(damage.end));
      write_seqs(json, damage.seqs);
      json.key("what");
      json.value(damage.what);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.key("gaps");
  json.begin_array();
  for (const SegmentGap& gap : result.gaps) {
    json.begin_object();
    json.key("before_file");
    json.value(gap.path);
    write_seqs(json, gap.seqs);
    json.end_object();
  }
  json.end_array();
  json.key("damage_count");
  json.value(static_cast<std::int64_t>(result.damage_count()));
  json.end_object();
  return out + "\n";
}

std::string counted(std::size_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

void print_text(const Verification& result, Console& console) {
  for (const VerifiedFile& file : result.files) {
    for (const EventDamage& damage : file.report.damages) {
      console.print_styled(Style::kBad, describe(file.path, damage));
      console.print("\n");
    }
    for (const SeqRange& seqs : lost_earlier(file)) {
      console.print(fmt::format("{}: seq {}-{}: lost before the file was repaired\n", file.path,
                                seqs.first, seqs.last));
    }
    if (!file.report.closed) {
      console.print(
          fmt::format("{}: not closed: still being written, or its writer died\n", file.path));
    }
  }
  for (const SegmentGap& gap : result.gaps) {
    console.print_styled(
        Style::kBad, fmt::format("{}: byte 0-0: seq {}-{}: a segment before this file is missing",
                                 gap.path, gap.seqs.first, gap.seqs.last));
    console.print("\n");
  }
  console.print(fmt::format(
      "{} with {}: {}{}\n", counted(result.files.size(), "file"),
      counted(static_cast<std::size_t>(result.event_count()), "event"),
      result.damage_count() == 0 ? "no damage" : counted(result.damage_count(), "damage"),
      result.unclosed_count() == 0 ? "" : fmt::format(", {} not closed", result.unclosed_count())));
}

int verify(const VerifyOptions& options, Console& console) {
  FileSystem& files = posix_file_system();
  const auto paths = event_files(files, options.files, resolve_data_dir(options.data_dir));
  Verification result;
  {
    Progress progress("verifying event files");
    result = verify_event_files(files, paths, options.files.empty(),
                                {.on_progress = [&](std::size_t done, std::size_t total) {
                                  progress.update(done, total);
                                }});
  }
  if (options.json) {
    console.print(to_json(result));
  } else {
    print_text(result, console);
  }
  return result.damage_count() == 0 ? kSuccess : kFailure;
}

}  // namespace

Command events_verify_command() {
  auto options = std::make_shared<VerifyOptions>();
  return {.name = "verify",
          .summary = "check every byte of the event files; exit status 1 if anything is lost",
          .details =
              "A file that is not closed is told, but is no damage.\n\n"
              "Examples:\n"
              "  litmus events verify\n"
              "  litmus events verify --json | jq .damage_count",
          .options = {{.names = "FILES",
                       .help = "event files; none: all of the data directory",
                       .target = &options->files,
                       .completion = Completion::kFile},
                      json_option(options->json),
                      data_dir_option(options->data_dir)},
          .run = [options](Console& console) { return verify(*options, console); }};
}

}  // namespace litmus
