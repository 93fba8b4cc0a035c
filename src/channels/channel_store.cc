// SPDX-License-Identifier: Apache-2.0
#include "litmus/channel_store.h"

#include <arrow/array.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <set>
#include <utility>

#include "channels/channel_query.h"
#include "channels/channel_recorder.h"
#include "channels/channel_subscription.h"
#include "channels/journal_recovery.h"
#include "channels/sample_columns.h"
#include "litmus/error.h"
#include "record/fork_guard.h"
#include "store/channel_registry.h"
#include "store/channel_segment_seal.h"

namespace litmus {
namespace {

// Stores that are still open when the process exits are closed then: their thread must not meet
// objects that are destroyed already.
class OpenStores {
 public:
  static OpenStores& instance() {
    static auto* stores = [] {
      prepare_channel_sealing();  // what exists now lives until the exit handler has run
      std::atexit([] { instance().close_all(); });
      return new OpenStores;
    }();
    return *stores;
  }

  void add(const std::shared_ptr<ChannelRecorder>& recorder) {
    const std::lock_guard lock(mutex_);
    stores_.insert(recorder);
  }
  void remove(const std::shared_ptr<ChannelRecorder>& recorder) {
    const std::lock_guard lock(mutex_);
    stores_.erase(recorder);
  }

 private:
  void close_all() {
    std::set<std::shared_ptr<ChannelRecorder>> stores;
    {
      const std::lock_guard lock(mutex_);
      stores.swap(stores_);
    }
    for (const auto& store : stores) store->close();
  }

  std::mutex mutex_;
  std::set<std::shared_ptr<ChannelRecorder>> stores_;
};

std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

void check_interval(std::string_view channel_id, double interval) {
  if (interval >= 0.0 && std::isfinite(interval)) return;
  throw Error(Code::kInvalidArgument,
              fmt::format("channel {}: expected a sample interval of 0 (unknown) or more seconds, "
                          "found {}",
                          channel_id, interval));
}

// What others can show: Python, for one, knows no other years.
void check_times(std::string_view channel_id, double first, double last) {
  constexpr double kFirst = -62'135'596'800e6;  // of the year 1
  constexpr double kLast = 253'402'300'799e6;   // of the year 9999
  if (first >= kFirst && last <= kLast) return;
  throw Error(
      Code::kInvalidArgument,
      fmt::format("channel {}: expected times of the years 1 to 9999, found {} microseconds "
                  "since 1970",
                  channel_id, first < kFirst ? first : last));
}

}  // namespace

class ChannelStore::Impl {
 public:
  explicit Impl(std::shared_ptr<ChannelRecorder> own) : recorder(std::move(own)) {
    OpenStores::instance().add(recorder);
    fork_guard::add({this, [this] { recorder->lock_for_fork(); },
                     [this] { recorder->unlock_after_fork(); },
                     [this] { recorder->become_own_writer(); }});
    try {
      recover_journals(recorder->files(), recorder->data_dir());
    } catch (const Error&) {
      // They stay where they are; queries read them there.
    }
  }
  ~Impl() {
    try {
      recorder->close();
    } catch (...) {
      // Only on_problem can throw here; what it was told is lost, the samples are not.
    }
    recorder->stop_reporting();
    fork_guard::remove(this);
    OpenStores::instance().remove(recorder);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Reference write_number(std::string_view channel_id, std::string_view data_type, double value,
                         const SampleInfo& info) const {
    const std::int64_t time = microseconds(info.timestamp ? *info.timestamp : now());
    return recorder->write_numbers(channel_id, {data_type, {&time, 1}, {&value, 1}, 0, 0.0}, info);
  }

  Reference write_waveform(std::string_view channel_id, std::span<const double> samples,
                           double interval, Timestamp t0, const SampleInfo& info) const {
    check_interval(channel_id, interval);
    return recorder->write_row(
        channel_id, [&](const auto&) { return waveform_columns(samples, interval); }, t0, info);
  }

  const std::shared_ptr<ChannelRecorder> recorder;
};

ChannelStore::ChannelStore(std::string data_dir, Uuid session_id, ChannelStoreOptions options)
    : impl_(std::make_shared<Impl>(std::make_shared<ChannelRecorder>(
          std::move(data_dir), session_id, std::move(options)))) {}

ChannelStore::~ChannelStore() = default;

ChannelStore::Reference ChannelStore::write(std::string_view channel_id, double value,
                                            const SampleInfo& info) {
  return impl_->write_number(channel_id, kScalar, value, info);
}

ChannelStore::Reference ChannelStore::write_bool(std::string_view channel_id, bool value,
                                                 const SampleInfo& info) {
  return impl_->write_number(channel_id, kScalarBool, value ? 1.0 : 0.0, info);
}

ChannelStore::Reference ChannelStore::write(std::string_view channel_id, std::string_view value,
                                            const SampleInfo& info) {
  return impl_->recorder->write_row(
      channel_id, [&](const auto&) { return text_columns(value); },
      info.timestamp ? *info.timestamp : now(), info);
}

ChannelStore::Reference ChannelStore::write(std::string_view channel_id, const char* value,
                                            const SampleInfo& info) {
  return write(channel_id, std::string_view(value), info);
}

ChannelStore::Reference ChannelStore::write(std::string_view channel_id, const Samples& waveform,
                                            const SampleInfo& info) {
  const Timestamp t0 = waveform.t0 ? *waveform.t0 : info.timestamp ? *info.timestamp : now();
  return impl_->write_waveform(channel_id, waveform.values, waveform.interval, t0, info);
}

ChannelStore::Reference ChannelStore::write(std::string_view channel_id, const ValueMap& value,
                                            const SampleInfo& info) {
  const Timestamp time = info.timestamp ? *info.timestamp : now();
  if (const auto waveform = waveform_of(value)) {
    return impl_->write_waveform(channel_id, waveform->samples, waveform->interval, time, info);
  }
  return impl_->recorder->write_row(
      channel_id, [&](const auto& current) { return struct_columns(value, current); }, time, info);
}

ChannelStore::Reference ChannelStore::write_block(std::string_view channel_id,
                                                  const Samples& samples, const SampleInfo& info) {
  check_interval(channel_id, samples.interval);
  if (samples.values.empty()) return std::nullopt;
  const Timestamp t0 = samples.t0 ? *samples.t0 : info.timestamp ? *info.timestamp : now();
  const auto first = static_cast<double>(microseconds(t0));
  check_times(channel_id, first,
              first + static_cast<double>(samples.values.size() - 1) * samples.interval * 1e6);
  return impl_->recorder->write_numbers(
      channel_id, {kScalar, {}, samples.values, microseconds(t0), samples.interval * 1e6}, info);
}

ChannelStore::Reference ChannelStore::write_block(std::string_view channel_id,
                                                  std::span<const Timestamp> timestamps,
                                                  std::span<const double> values,
                                                  const SampleInfo& info) {
  if (timestamps.size() != values.size()) {
    throw Error(Code::kInvalidArgument,
                fmt::format("channel {}: expected as many timestamps as values, found {} and {}",
                            channel_id, timestamps.size(), values.size()));
  }
  if (values.empty()) return std::nullopt;
  static_assert(sizeof(Timestamp) == sizeof(std::int64_t));
  const std::span<const std::int64_t> times(
      reinterpret_cast<const std::int64_t*>(timestamps.data()), timestamps.size());
  const auto [first, last] = std::ranges::minmax_element(times);
  check_times(channel_id, static_cast<double>(*first), static_cast<double>(*last));
  return impl_->recorder->write_numbers(channel_id, {kScalar, times, values, 0, 0.0}, info);
}

void ChannelStore::flush() { impl_->recorder->flush(); }
void ChannelStore::close() { impl_->recorder->close(); }

std::shared_ptr<arrow::Table> ChannelStore::query(const ChannelQuery& query,
                                                  std::vector<std::string>* damages) {
  FileSystem& files = impl_->recorder->files();
  auto found = query_channel(files, data_dir(), query);
  if (damages != nullptr) *damages = std::move(found.damages);
  return found.table;
}

std::shared_ptr<arrow::Table> ChannelStore::resolve(std::string_view uri) {
  const ChannelReference reference = ChannelReference::parse(uri);
  ChannelQuery wanted;
  wanted.channel_id = reference.channel_id;
  wanted.session_id = reference.session_id;
  wanted.row = reference.row;
  wanted.writer = reference.writer;
  std::vector<std::string> damages;
  auto table = query(wanted, &damages);
  if (reference.row && table->num_rows() == 0) {
    throw Error(Code::kNotFound, fmt::format("{}: there is no such row in {}{}", uri, data_dir(),
                                             damages.empty() ? "" : "; " + damages[0]));
  }
  return table;
}

std::vector<ChannelDescriptor> ChannelStore::list_channels() {
  impl_->recorder->announce(true);
  std::vector<ChannelDescriptor> channels;
  for (auto& [id, channel] : known_channels(impl_->recorder->files(), data_dir())) {
    channels.push_back(std::move(channel));
  }
  return channels;
}

ChannelSubscription ChannelStore::on_channel(const ChannelSelection& selection, OnSample on_sample,
                                             bool with_stored) {
  return ChannelSubscription(std::make_unique<ChannelSubscription::Impl>(
      std::make_unique<ChannelFollower>(
          impl_->recorder->files(), data_dir(), selection,
          with_stored ? std::optional(ChannelCursor{}) : std::nullopt),
      std::move(on_sample),
      [recorder = impl_->recorder](const std::string& problem) { recorder->report(problem); }));
}

const Uuid& ChannelStore::session_id() const { return impl_->recorder->session_id(); }
const std::string& ChannelStore::data_dir() const { return impl_->recorder->data_dir(); }
std::int64_t ChannelStore::samples_lost() const { return impl_->recorder->lost(); }

}  // namespace litmus
