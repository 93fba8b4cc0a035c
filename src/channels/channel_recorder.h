// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "channels/gathered_rows.h"
#include "channels/sample_columns.h"
#include "litmus/channel_store.h"
#include "store/channel_journal.h"
#include "store/channel_segment_writer.h"

namespace litmus {

// What a process records of one channel in one session: a sequence of segments.
struct Recording {
  std::uint32_t number = 0;   // within the journal
  ChannelDescriptor channel;  // row_count and sessions: what the registry does not know yet
  bool is_announced = false;
  std::int64_t announced = 0;  // rows that the registry knows, as far as the journal says
  std::string data_type;       // of the open segment
  ChannelFileName name;        // segment: the number of the next one
  std::shared_ptr<arrow::Schema> schema;
  std::unique_ptr<ChannelSegmentWriter> segment;
  std::optional<std::chrono::steady_clock::time_point> first_rows;  // when it got some
  std::vector<RowTexts> texts;
  std::size_t current_texts = 0;

  std::int64_t next_seq = 0;
  std::atomic<std::int64_t> appended_seq = 0;  // rows below are in the segments
  bool is_busy = false;                        // somebody writes to the segment directly
  std::int64_t lost = 0;                       // since the last row
  Timestamp lost_since;
  bool ends_in_gap = false;   // the last row is a gap row: what is lost behind it needs no other
  std::uint64_t journal = 0;  // the last one that knows the channel, and how many of its texts
  std::size_t texts_in_journal = 0;

  std::vector<RowTexts> known_texts;  // those that a pass may look at
};

// The writing side of a ChannelStore, in channel_recorder.cc and recorder_*.cc. Numbers go into the
// journal of the process, which a thread of its own splits into the segments of the channels;
// everything else goes to its segment directly.
class ChannelRecorder : public std::enable_shared_from_this<ChannelRecorder> {
 public:
  ChannelRecorder(std::string data_dir, Uuid session_id, ChannelStoreOptions options);

  struct Numbers {
    std::string_view data_type;                // kScalar or kScalarBool
    std::span<const std::int64_t> timestamps;  // empty: at even distances
    std::span<const double> values;
    std::int64_t t0 = 0;
    double interval = 0.0;  // in microseconds

    // Of `count` values from `begin` on; made in `scratch` where they are not given.
    std::span<const std::int64_t> times(std::size_t begin, std::size_t count,
                                        std::vector<std::int64_t>& scratch) const;
  };
  std::optional<ChannelReference> write_numbers(std::string_view channel_id, const Numbers& numbers,
                                                const SampleInfo& info);
  // One row. `columns` is asked for the schema that the channel has at that moment.
  using MakeColumns = std::function<SampleColumns(const std::shared_ptr<arrow::Schema>& current)>;
  std::optional<ChannelReference> write_row(std::string_view channel_id, const MakeColumns& columns,
                                            Timestamp timestamp, const SampleInfo& info);

  // All that is in the journal into the segments. False: not all of it could be written.
  bool split();
  // Tells the registry of channels that it does not know yet, or of everything that has changed.
  void announce(bool everything);
  void flush();
  void close();
  void report(const std::string& problem);
  void stop_reporting();
  std::int64_t lost() const;

  const std::string& data_dir() const { return data_dir_; }
  const Uuid& session_id() const { return session_id_; }
  FileSystem& files() const { return files_; }

  void lock_for_fork();
  void unlock_after_fork();
  void become_own_writer();

 private:
  static constexpr std::int64_t kRowsPerBatch = 32768;  // stays in the processor's cache

  struct Journal {
    std::uint64_t number;
    JournalWriter writer;
    std::size_t split = 0;
  };
  struct Lost {
    std::int64_t count = 0;
    Timestamp since;
  };
  using Lock = std::unique_lock<std::mutex>;

  Recording& recording_for(Lock& lock, std::string_view channel_id, std::string_view data_type,
                           const std::shared_ptr<arrow::Schema>& schema, const SampleInfo& info,
                           bool directly);
  Recording& add_recording(std::string_view channel_id, std::string_view data_type,
                           const std::shared_ptr<arrow::Schema>& schema, const SampleInfo& info);
  void claim(Recording& recording);
  void open_segment(Recording& recording);
  void finish_segment(Recording& recording);
  void rotate_if_due(Recording& recording);
  std::uint8_t texts_number(Recording& recording, const RowTexts& texts);
  void count_rows(Recording& recording, std::int64_t count, Timestamp last);

  using Append = std::function<void(std::int64_t first_seq, std::int64_t& done)>;
  std::int64_t write_directly(Lock& lock, Recording& recording, const Append& append);
  void append_block(Recording& recording, const Numbers& numbers, std::int64_t first_seq,
                    std::uint8_t texts, std::int64_t& done);

  bool name_in(Journal& journal, Recording& recording);
  bool try_put(Recording& recording, const JournalRows& rows);
  void next_journal(Lock& lock);
  void create_journal();
  std::shared_ptr<Journal> make_journal(std::uint64_t number);
  void prepare_journal();

  void append_share(Recording& recording, const GatheredRows::Share& share, std::string& problem);
  void retire_journals();

  void wake();
  void run();
  void seal_finished();
  void seal(std::vector<std::string> paths);
  void plan_sync();
  void sync_segments(const std::set<std::string>& paths);
  std::string lose(std::string_view channel_id, std::int64_t count, const char* why);
  ChannelReference reference(const Recording& recording, std::int64_t row) const;

  const std::string data_dir_;
  const Uuid session_id_;
  const std::string session_text_;
  std::recursive_mutex report_mutex_;
  ChannelStoreOptions options_;  // on_problem under report_mutex_
  FileSystem& files_;

  std::mutex split_mutex_;  // one pass at a time; taken before mutex_
  GatheredRows gathered_;   // of the pass that is going on
  mutable std::mutex mutex_;
  std::unique_ptr<std::condition_variable> wake_ = std::make_unique<std::condition_variable>();
  std::unique_ptr<std::condition_variable> changed_ = std::make_unique<std::condition_variable>();
  Uuid writer_id_ = Uuid::random();
  std::string folder_;  // of the date of the first write
  std::vector<std::string> other_folders_;
  std::deque<Recording> recordings_;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  std::unordered_map<std::string, Recording*, TextHash, std::equal_to<>> by_id_;
  std::map<std::string, Lost, std::less<>> unclaimed_;
  std::deque<std::shared_ptr<Journal>> journals_;
  std::shared_ptr<Journal> spare_;  // made ahead of time, so that no write waits for it
  std::size_t retiring_ = 0;        // journals that are split, but still there
  std::uint64_t next_journal_ = 1;
  std::set<std::string> unsynced_;         // segments whose rows are in a journal, too
  std::set<std::string> unsynced_direct_;  // those that hold the only copy
  std::vector<std::string> finished_;
  std::int64_t lost_ = 0;
  std::int64_t lost_reported_ = 0;
  bool failing_ = false;
  bool is_running_ = false;  // the thread
  bool has_work_ = false;
  bool is_urgent_ = false;
  bool stop_ = false;
  bool sync_planned_ = false;
  bool split_fails_ = false;
};

}  // namespace litmus
