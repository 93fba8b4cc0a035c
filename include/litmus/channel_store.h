// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/channel_reference.h"
#include "litmus/ids.h"
#include "litmus/time.h"
#include "litmus/value.h"

namespace arrow {
class Schema;
class Table;
}  // namespace arrow

namespace litmus {

class FileSystem;

// What is known about a channel.
struct ChannelDescriptor {
  std::string channel_id;
  std::string data_type;  // scalar, scalar_bool, scalar_str, waveform, struct
  std::string instrument_role;
  std::string resource;
  std::optional<std::string> units;
  ValueMap properties;
  Timestamp first_seen{};
  Timestamp last_seen{};
  std::int64_t row_count = 0;
  std::int64_t sessions = 0;

  friend bool operator==(const ChannelDescriptor&, const ChannelDescriptor&) = default;
};

// What a sample comes with.
struct SampleInfo {
  std::optional<std::string_view> units = std::nullopt;
  std::string_view source_method = "observe";
  std::string_view direction = "observe";  // read, set, observe
  std::string_view instrument_role = {};   // kept with the channel, not with each sample
  std::string_view resource = {};
  std::optional<Timestamp> timestamp = std::nullopt;  // absent: now
};

// Samples at even distances: the first at `t0` (absent: now), one every `interval` seconds (0:
// unknown). The numbers belong to the caller and are read during the call only.
struct Samples {
  std::span<const double> values;
  double interval = 0.0;
  std::optional<Timestamp> t0 = std::nullopt;
};

// NOLINTBEGIN(readability-redundant-member-init): for designated initializers that leave members
// out.
// Which rows of a channel, and how many of them. `limit` and `cursor` go through all rows that are
// selected by session and time: not together with row, last_n, max_points or expand.
struct ChannelQuery {
  std::string channel_id;
  std::string session_id;  // empty: all; 8 characters: as they begin; else the whole id
  std::optional<std::int64_t> row = std::nullopt;  // one row, as a reference counts them
  std::string writer;                              // with a row
  std::optional<Timestamp> start = std::nullopt;   // both inclusive
  std::optional<Timestamp> end = std::nullopt;
  std::optional<std::int64_t> last_n = std::nullopt;  // in time order
  std::optional<std::int64_t> max_points = std::nullopt;
  enum class Thinning { kLttb, kMinMax } thinning = Thinning::kLttb;
  bool expand = false;      // the samples of the one waveform that is selected, as rows
  bool descending = false;  // newest first
  std::vector<std::string> columns = {};  // only these; empty: all
  // A page of at most so many rows. The schema of a table behind which there are more has the
  // metadata `litmus.cursor`: what the query for the next page is given as `cursor`.
  std::optional<std::int64_t> limit = std::nullopt;
  std::string cursor = {};
};

// Which channels, of which sessions. All that is given counts.
struct ChannelSelection {
  std::string channel_id = {};  // empty: all; with `*` at its end: those that begin so
  std::string role = {};  // of the instrument, else what stands before the first dot of the id
  std::string session_id = {};  // or its first 8 characters
};
// NOLINTEND(readability-redundant-member-init)

// A row as it is delivered live.
struct ChannelSample {
  std::string channel_id;
  std::string session_id;
  Timestamp timestamp{};
  Value value;  // a list for a waveform, a map for a struct; null for a gap
  std::optional<std::string> units;
  std::optional<double> sample_interval;
  std::string source_method;
  std::string direction;
};

// Goes on until it is destroyed: the callback is not running then, and is not called any more. Not
// to be destroyed by its own callback.
class ChannelSubscription {
 public:
  class Impl;
  explicit ChannelSubscription(std::unique_ptr<Impl> impl);
  ChannelSubscription(ChannelSubscription&&) noexcept;
  ChannelSubscription& operator=(ChannelSubscription&&) noexcept;
  ~ChannelSubscription();

 private:
  std::unique_ptr<Impl> impl_;
};

struct ChannelStoreOptions {
  // Told when samples cannot be written (once per outage). May be called from the store's thread,
  // but never once the store is gone.
  std::function<void(const std::string& problem)> on_problem;
  // nullptr: the real one. Used by the background thread, too, also after the store is gone.
  FileSystem* files = nullptr;
  // A channel that has a segment for so long goes on in the next one, and the first is compacted.
  std::chrono::seconds segment_life = std::chrono::hours(1);
};

// The samples of a session, written by this process, and all channels of a data directory, read.
//
// A write has a claim check when it is stored: the sample then survives the death of every process,
// and after close() or flush() also loss of power. What cannot be stored gets none; it is counted,
// reported, and a row without value takes its place as soon as rows can be written again. Any
// thread may call. After a fork the child goes on with segments of its own. A write never waits
// longer than about a millisecond for the disk, except that of large blocks and of waveforms, which
// go there directly.
class ChannelStore {
 public:
  using Reference = std::optional<ChannelReference>;

  ChannelStore(std::string data_dir, Uuid session_id, ChannelStoreOptions options = {});
  ~ChannelStore();  // as close()
  ChannelStore(const ChannelStore&) = delete;
  ChannelStore& operator=(const ChannelStore&) = delete;

  // The first write fixes what the channel holds; a value of another kind begins a new segment.
  // Error(kInvalidArgument) for an id that cannot be one.
  Reference write(std::string_view channel_id, double value, const SampleInfo& info = {});
  template <std::same_as<bool> Bool>  // not what merely becomes one
  Reference write(std::string_view channel_id, Bool value, const SampleInfo& info = {}) {
    return write_bool(channel_id, value, info);
  }
  Reference write(std::string_view channel_id, std::string_view value, const SampleInfo& info = {});
  Reference write(std::string_view channel_id, const char* value, const SampleInfo& info = {});
  // One capture, one row.
  Reference write(std::string_view channel_id, const Samples& waveform,
                  const SampleInfo& info = {});
  // One column per key: numbers, booleans, texts, lists of numbers, lists of lists of numbers,
  // lists of texts; other values are stored as JSON text. A list of numbers under `samples` makes
  // it a waveform, with `sample_interval` or `dt`.
  Reference write(std::string_view channel_id, const ValueMap& value, const SampleInfo& info = {});
  // Many samples of one channel, a row each. The reference is that of the first.
  Reference write_block(std::string_view channel_id, const Samples& samples,
                        const SampleInfo& info = {});
  Reference write_block(std::string_view channel_id, std::span<const Timestamp> timestamps,
                        std::span<const double> values, const SampleInfo& info = {});

  // Everything written so far is in the segments, on stable storage. Error(kIo) if it cannot be.
  void flush();
  // Ends the segments; they are compacted in the background. Writing afterwards begins new ones.
  void close();

  // Rows in time order, those that this process has written included; an unknown channel gives an
  // empty table. Error(kCorrupt) never: what is damaged is left out and told in `damages`.
  std::shared_ptr<arrow::Table> query(const ChannelQuery& query,
                                      std::vector<std::string>* damages = nullptr);
  // The row of a long reference, or the rows of a short one. Error(kNotFound) for a row that is not
  // there.
  std::shared_ptr<arrow::Table> resolve(std::string_view uri);

  std::vector<ChannelDescriptor> list_channels();

  // Calls back, from a thread of its own, with each sample that any process of this machine records
  // from now on, some 30 ms after it was written; first with what is stored, if `with_stored`. A
  // slow callback is late, but misses nothing. What it throws is told to on_problem.
  using OnSample = std::function<void(const ChannelSample& sample)>;
  ChannelSubscription on_channel(const ChannelSelection& selection, OnSample on_sample,
                                 bool with_stored = false);

  const Uuid& session_id() const;
  const std::string& data_dir() const;
  std::int64_t samples_lost() const;

 private:
  Reference write_bool(std::string_view channel_id, bool value, const SampleInfo& info);

  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace litmus
