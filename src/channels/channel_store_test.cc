// SPDX-License-Identifier: Apache-2.0
#include "litmus/channel_store.h"

#include <arrow/array.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>

#include "base/faulty_file_system.h"
#include "base/temporary_folder.h"
#include "channels/journal_recovery.h"
#include "litmus/error.h"
#include "record/background.h"
#include "store/channel_registry.h"
#include "store/channel_segment_reader.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<double> numbers(const arrow::Table& table, const char* name = "value") {
  std::vector<double> values;
  for (const auto& chunk : table.GetColumnByName(name)->chunks()) {
    const auto& array = static_cast<const arrow::DoubleArray&>(*chunk);
    for (std::int64_t i = 0; i < array.length(); ++i) {
      values.push_back(array.IsNull(i) ? std::nan("") : array.Value(i));
    }
  }
  return values;
}

std::vector<std::string> texts(const arrow::Table& table, const char* name) {
  std::vector<std::string> values;
  for (const auto& chunk : table.GetColumnByName(name)->chunks()) {
    const auto& array = static_cast<const arrow::StringArray&>(*chunk);
    for (std::int64_t i = 0; i < array.length(); ++i) {
      values.push_back(array.IsNull(i) ? "(null)" : array.GetString(i));
    }
  }
  return values;
}

std::vector<double> rising(std::size_t count, double from = 0.0) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), from);
  return values;
}

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

class ChannelStoreTest : public ::testing::Test {
 protected:
  ChannelStoreOptions options() {
    ChannelStoreOptions options;
    options.files = &files_;
    options.on_problem = [this](const std::string& problem) { problems_.push_back(problem); };
    return options;
  }
  std::string data_dir() const { return folder_.path(); }
  std::shared_ptr<arrow::Table> all(ChannelStore& store, std::string channel) {
    ChannelQuery query;
    query.channel_id = std::move(channel);
    return store.query(query);
  }
  std::vector<std::string> segments(std::string_view channel = "") {
    std::vector<std::string> names;
    for (const auto& segment : find_channel_segments(files_, data_dir(), channel)) {
      names.push_back(file_name(segment.path));
    }
    return names;
  }
  std::vector<DirectoryEntry> journals() { return files_.list(channel_journal_folder(data_dir())); }

  void TearDown() override { background::drain(); }  // it uses the files, too

  TemporaryFolder folder_;
  FaultyFileSystem files_;
  std::vector<std::string> problems_;
  Uuid session_ = Uuid::parse("3fcca080-64bd-4d0e-8a6b-3c8f6d2a9001");
};

TEST_F(ChannelStoreTest, WhatWasWrittenIsQueriedBeforeAndAfterItIsSplitAndClosed) {
  ChannelStore store(data_dir(), session_, options());
  for (int i = 0; i < 10; ++i) {
    const auto reference = store.write("dmm.voltage", i * 0.5, {.units = "V", .direction = "read"});
    ASSERT_TRUE(reference);
    EXPECT_EQ(reference->to_uri(),
              "channel://dmm.voltage/3fcca080-64bd-4d0e-8a6b-3c8f6d2a9001/" + std::to_string(i));
  }
  for (const char* moment : {"journal", "split", "closed", "sealed"}) {
    SCOPED_TRACE(moment);
    const auto table = all(store, "dmm.voltage");
    EXPECT_THAT(numbers(*table), ElementsAre(0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5));
    EXPECT_EQ(texts(*table, "units")[3], "V");
    EXPECT_EQ(texts(*table, "direction")[3], "read");
    EXPECT_EQ(texts(*table, "session_id")[9], session_.to_string());
    if (moment == std::string_view("journal")) store.flush();
    if (moment == std::string_view("split")) store.close();
    if (moment == std::string_view("closed")) background::drain();
  }
  EXPECT_THAT(segments(), ElementsAre("dmm.voltage_3fcca080.arrow"));
  EXPECT_THAT(journals(), IsEmpty());
}

TEST_F(ChannelStoreTest, ALongSessionGoesOnInFurtherSegmentsAndCompactsTheFirstOnes) {
  ChannelStoreOptions aging = options();
  aging.segment_life = {};
  ChannelStore store(data_dir(), session_, aging);
  for (int i = 0; i < 3; ++i) {
    store.write("dmm.voltage", i);  // by the journal
    store.write("dmm.mode", "DC");  // directly
    store.flush();
  }
  EXPECT_THAT(segments("dmm.voltage"),
              ElementsAre("dmm.voltage_3fcca080.arrow", "dmm.voltage_3fcca080_001.arrow",
                          "dmm.voltage_3fcca080_002.arrow"));
  EXPECT_THAT(numbers(*all(store, "dmm.voltage")), ElementsAre(0, 1, 2));
  EXPECT_EQ(all(store, "dmm.mode")->num_rows(), 3);
  store.close();
  background::drain();
  const auto first = find_channel_segments(files_, data_dir(), "dmm.voltage")[0];
  EXPECT_TRUE(read_channel_head(files_, first.path)->header.sealed);
}

TEST_F(ChannelStoreTest, EveryKindOfValueComesBackByItsReference) {
  ChannelStore store(data_dir(), session_, options());
  const auto samples = rising(1000);
  const auto wave = store.write("scope.ch1", Samples{samples, 1e-6}, {.units = "V"});
  const auto text = store.write("dmm.mode", "DC");
  const auto flag = store.write("psu.on", true);
  const auto map = store.write("psu.state", ValueMap{{"volts", 3.3},
                                                     {"on", true},
                                                     {"name", "main"},
                                                     {"limits", ValueList{1, 2.5}},
                                                     {"nothing", Value()}});
  const auto row = store.resolve(wave->to_uri());
  ASSERT_EQ(row->num_rows(), 1);
  const auto& list =
      static_cast<const arrow::ListArray&>(*row->GetColumnByName("samples")->chunk(0));
  EXPECT_EQ(list.value_length(0), 1000);
  EXPECT_EQ(static_cast<const arrow::DoubleArray&>(*list.values()).Value(999), 999.0);
  EXPECT_THAT(numbers(*row, "sample_interval"), ElementsAre(1e-6));
  EXPECT_THAT(texts(*store.resolve(text->to_uri()), "value"), ElementsAre("DC"));
  EXPECT_TRUE(static_cast<const arrow::BooleanArray&>(
                  *store.resolve(flag->to_uri())->GetColumnByName("value")->chunk(0))
                  .Value(0));
  const auto state = store.resolve(map->to_uri());
  EXPECT_THAT(numbers(*state, "volts"), ElementsAre(3.3));
  EXPECT_THAT(texts(*state, "name"), ElementsAre("main"));
  EXPECT_EQ(state->GetColumnByName("nothing")->null_count(), 1);
  EXPECT_THROW(store.resolve("channel://scope.ch1/" + session_.to_string() + "/7"), Error);
}

TEST_F(ChannelStoreTest, ABlockIsManyRowsOfWhichEachHasItsTime) {
  ChannelStore store(data_dir(), session_, options());
  for (const std::size_t count : {std::size_t{100}, std::size_t{200'000}}) {
    const std::string channel = "daq." + std::to_string(count);
    const auto values = rising(count);
    const auto first = store.write_block(channel, Samples{values, 1e-3, at(1000)});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->row, 0);
    EXPECT_EQ(store.write(channel, -1.0, {.timestamp = at(5000)})->row,
              static_cast<std::int64_t>(count));
    ChannelQuery query;
    query.channel_id = channel;
    query.start = at(1000) + std::chrono::milliseconds(50);
    query.end = at(1000) + std::chrono::milliseconds(52);
    EXPECT_THAT(numbers(*store.query(query)), ElementsAre(50, 51, 52));
    EXPECT_EQ(all(store, channel)->num_rows(), static_cast<std::int64_t>(count) + 1);
  }
}

TEST_F(ChannelStoreTest, AnotherKindOfValueBeginsAnotherSegmentAndAnotherColumn) {
  ChannelStore store(data_dir(), session_, options());
  store.write("dmm.reading", 1.0);
  store.write("dmm.reading", "overload");
  store.write("dmm.reading", 2.0);
  const auto table = all(store, "dmm.reading");
  const auto values = numbers(*table);
  EXPECT_EQ(values[0], 1.0);
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[2], 2.0);
  EXPECT_THAT(texts(*table, "value_text"), ElementsAre("(null)", "overload", "(null)"));
  EXPECT_THAT(segments(), SizeIs(3));
}

TEST_F(ChannelStoreTest, TwoStoresOfOneSessionCountTheirRowsApart) {
  ChannelStore one(data_dir(), session_, options());
  ChannelStore other(data_dir(), session_, options());
  const auto first = one.write("dmm.voltage", 1.0);
  const auto second = other.write("dmm.voltage", 2.0);
  EXPECT_NE(first->to_uri(), second->to_uri());
  EXPECT_THAT(numbers(*one.resolve(first->to_uri())), ElementsAre(1.0));
  EXPECT_THAT(numbers(*one.resolve(second->to_uri())), ElementsAre(2.0));
  EXPECT_THAT(numbers(*all(one, "dmm.voltage")), ElementsAre(1.0, 2.0));
}

TEST_F(ChannelStoreTest, RowsAreNeverCountedAgainInALaterDateFolder) {
  const std::string old = channels_folder(data_dir()) + "/2020-01-01";
  files_.create_folders(old);
  folder_.write("channels/2020-01-01/dmm.voltage_3fcca080.arrow", "");
  ChannelStore store(data_dir(), session_, options());
  EXPECT_EQ(store.write("dmm.voltage", 1.0)->writer, std::to_string(getpid()));
}

TEST_F(ChannelStoreTest, AnIdThatIsAlsoAPatternMatchesOnlyItself) {
  ChannelStore store(data_dir(), session_, options());
  store.write("dmm", 1.0);
  store.write("dmm_out", 2.0);
  store.write("dmm*", 3.0);
  store.write("dmm_3fcca080", 4.0);
  store.write("µ channel [1]", 5.0);
  EXPECT_THAT(numbers(*all(store, "dmm")), ElementsAre(1.0));
  EXPECT_THAT(numbers(*all(store, "dmm_out")), ElementsAre(2.0));
  EXPECT_THAT(numbers(*all(store, "dmm*")), ElementsAre(3.0));
  EXPECT_THAT(numbers(*all(store, "dmm_3fcca080")), ElementsAre(4.0));
  EXPECT_THAT(numbers(*all(store, "µ channel [1]")), ElementsAre(5.0));
  for (const char* id : {"", "a/b", "a\\b", "a..b", "a\nb"}) {
    EXPECT_THROW(store.write(id, 1.0), Error) << id;
  }
}

TEST_F(ChannelStoreTest, AnUnknownChannelIsAnEmptyTable) {
  ChannelStore store(data_dir(), session_, options());
  const auto table = all(store, "nothing");
  EXPECT_EQ(table->num_rows(), 0);
  EXPECT_THAT(table->ColumnNames(), ElementsAre("timestamp", "value", "units", "direction",
                                                "source_method", "session_id"));
}

TEST_F(ChannelStoreTest, TheRegistryKnowsAChannelAndCanBeMadeAgain) {
  {
    ChannelStore store(data_dir(), session_, options());
    store.write(
        "dmm.voltage", 1.0,
        {.units = "V", .instrument_role = "dmm", .resource = "TCPIP::1", .timestamp = at(10)});
    store.write("dmm.voltage", 2.0, {.timestamp = at(20)});
    const auto channels = store.list_channels();
    ASSERT_THAT(channels, SizeIs(1));
    EXPECT_EQ(channels[0].instrument_role, "dmm");
    EXPECT_EQ(channels[0].row_count, 2);
  }
  background::drain();
  const auto registry = read_channel_registry(files_, data_dir());
  EXPECT_EQ(registry.at("dmm.voltage").units, "V");
  EXPECT_EQ(registry.at("dmm.voltage").first_seen, at(10));
  EXPECT_EQ(registry.at("dmm.voltage").last_seen, at(20));
  EXPECT_EQ(registry.at("dmm.voltage").sessions, 1);
  folder_.write("channels/_registry.json", "{\"dmm");
  EXPECT_THROW(read_channel_registry(files_, data_dir()), Error);
  EXPECT_EQ(known_channels(files_, data_dir()), registry);
  merge_into_channel_registry(files_, data_dir(), {});
  EXPECT_EQ(read_channel_registry(files_, data_dir()), registry);
  // In the middle of another session, which goes on counting where it was.
  ChannelStore store(data_dir(), Uuid::random(), options());
  for (const std::string_view damage : {"missing", "damaged"}) {
    store.write("dmm.voltage", 3.0);
    store.write("dmm.current", 0.5);
    EXPECT_THAT(store.list_channels(), SizeIs(2));
    store.flush();
    files_.remove(join_path(data_dir(), "channels/_registry.json"));
    if (damage == "damaged") folder_.write("channels/_registry.json", "[]");
    EXPECT_THAT(store.list_channels(), SizeIs(2));
    store.write("dmm.voltage", 4.0);
    store.write("dmm.current", 0.25);
  }
  const auto counted = store.list_channels();
  EXPECT_EQ(counted[0].row_count, 4);
  EXPECT_EQ(counted[0].sessions, 1);
  EXPECT_EQ(counted[1].row_count, 6);
  EXPECT_EQ(counted[1].sessions, 2);
}

TEST_F(ChannelStoreTest, AThousandChannelsNeedFewFiles) {
  ChannelStore store(data_dir(), session_, options());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i) store.write("daq.ch" + std::to_string(i), round * 1.0);
  }
  EXPECT_THAT(numbers(*all(store, "daq.ch999")), ElementsAre(0.0, 1.0, 2.0));
  EXPECT_LT(posix_file_system().list("/proc/self/fd").size(), 400U);
}

TEST_F(ChannelStoreTest, AFullDiskIsCountedReportedAndLeavesAMark) {
  ChannelStore store(data_dir(), session_, options());
  const auto samples = rising(10'000);
  ASSERT_TRUE(store.write("scope.ch1", Samples{samples, 1e-6}));
  files_.set_free_space(1000);
  EXPECT_FALSE(store.write("scope.ch1", Samples{samples, 1e-6}));
  EXPECT_FALSE(store.write("scope.ch1", Samples{samples, 1e-6}));
  EXPECT_FALSE(store.write("new.channel", 1.0) && store.write("newer", 1.0));
  EXPECT_GE(store.samples_lost(), 3);
  EXPECT_THAT(problems_, SizeIs(1));
  files_.heal();
  const auto after = store.write("scope.ch1", Samples{samples, 1e-6});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->row, 2);
  const auto table = all(store, "scope.ch1");
  EXPECT_EQ(table->num_rows(), 3);
  EXPECT_EQ(texts(*table, "source_method")[1], "gap");
  EXPECT_EQ(table->GetColumnByName("samples")->null_count(), 1);
}

TEST_F(ChannelStoreTest, NumbersWithAReferenceWaitInTheJournalForADiskThatIsFull) {
  ChannelStore store(data_dir(), session_, options());
  store.write("dmm.voltage", 0.0);
  store.flush();
  files_.set_free_space(0);
  for (int i = 1; i < 100; ++i) EXPECT_TRUE(store.write("dmm.voltage", i));
  EXPECT_THROW(store.flush(), Error);
  EXPECT_EQ(all(store, "dmm.voltage")->num_rows(), 100);
  files_.heal();
  store.close();
  EXPECT_THAT(numbers(*all(store, "dmm.voltage")), ElementsAreArray(rising(100)));
  EXPECT_EQ(store.samples_lost(), 0);
}

TEST_F(ChannelStoreTest, WithoutMappingTheJournalIsWritten) {
  files_.forbid_mapping();
  ChannelStore store(data_dir(), session_, options());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(store.write("dmm.voltage", i));
  EXPECT_THAT(numbers(*all(store, "dmm.voltage")), ElementsAreArray(rising(100)));
  store.close();
  EXPECT_THAT(numbers(*all(store, "dmm.voltage")), ElementsAreArray(rising(100)));
}

TEST_F(ChannelStoreTest, MoreThanAJournalHoldsIsNeitherLostNorDoubled) {
  ChannelStore store(data_dir(), session_, options());
  constexpr int kRows = 1'000'000;
  int taken = 0;
  for (int i = 0; i < kRows; ++i) taken += store.write("daq.fast", i) ? 1 : 0;
  store.close();
  background::drain();
  EXPECT_EQ(taken + store.samples_lost(), kRows);
  const auto values = numbers(*all(store, "daq.fast"));
  double last = -1.0;
  std::size_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    ASSERT_GT(value, last);
    last = value;
    ++count;
  }
  EXPECT_EQ(count, static_cast<std::size_t>(taken));
  EXPECT_THAT(journals(), IsEmpty());
}

TEST_F(ChannelStoreTest, ManyThreadsWriteOneChannel) {
  ChannelStore store(data_dir(), session_, options());
  std::vector<std::thread> threads;
  const auto block = rising(5000);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&store, &block, thread] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_TRUE(store.write("shared", 1.0));
        if (i % 100 == thread) {
          EXPECT_TRUE(store.write_block("shared", Samples{block, 1e-6}));
        }
        EXPECT_TRUE(store.write("own" + std::to_string(thread), i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  store.close();
  EXPECT_EQ(all(store, "shared")->num_rows(), 4 * (500 + 5 * 5000));
  EXPECT_EQ(all(store, "own3")->num_rows(), 500);
  for (const auto& segment : find_channel_segments(files_, data_dir())) {
    EXPECT_THAT(scan_channel_segment(files_.read(segment.path), [](const auto&) {}).damages,
                IsEmpty());
  }
}

TEST_F(ChannelStoreTest, AChildOfAForkHasSegmentsOfItsOwn) {
  ChannelStore store(data_dir(), session_, options());
  store.write("dmm.voltage", 1.0);
  const pid_t child = fork();
  if (child == 0) {
    const auto reference = store.write("dmm.voltage", 2.0);
    const bool fine =
        reference && reference->row == 0 && reference->writer == std::to_string(getpid());
    store.close();
    _exit(fine ? 0 : 1);
  }
  store.write("dmm.voltage", 3.0);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(numbers(*all(store, "dmm.voltage")), ::testing::UnorderedElementsAre(1.0, 2.0, 3.0));
}

TEST_F(ChannelStoreTest, WhatADeadProcessLeftIsReadAndRecoveredOnce) {
  const pid_t child = fork();
  if (child == 0) {
    ChannelStore store(data_dir(), session_);
    const auto samples = rising(100);
    store.write("scope.ch1", Samples{samples, 1e-6});
    for (int i = 0; i < 1000; ++i) {
      store.write("dmm.voltage", i);
      store.write("psu.on", i % 2 == 0);
    }
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_THAT(journals(), SizeIs(1));
  {
    ChannelStore reader(data_dir(), Uuid::random(), options());
    EXPECT_THAT(journals(), IsEmpty());
    EXPECT_THAT(numbers(*all(reader, "dmm.voltage")), ElementsAreArray(rising(1000)));
    EXPECT_EQ(all(reader, "psu.on")->num_rows(), 1000);
    EXPECT_EQ(all(reader, "scope.ch1")->num_rows(), 1);
  }
  for (const auto& segment : find_channel_segments(files_, data_dir())) {
    const auto report = scan_channel_segment(files_.read(segment.path), [](const auto&) {});
    EXPECT_TRUE(report.closed) << segment.path;
    EXPECT_THAT(report.damages, IsEmpty()) << segment.path;
  }
}

TEST_F(ChannelStoreTest, TheJournalOfAProcessWhosePidCameBackIsRecovered) {
  const std::string folder = channel_journal_folder(data_dir());
  files_.create_folders(folder);
  ProcessIdentity dead = this_process();
  dead.start_key += '0';
  for (const ProcessIdentity& process : {this_process(), dead}) {
    const Uuid writer = Uuid::random();
    JournalWriter(files_, join_path(folder, writer.to_string() + "_000001.journal"),
                  {writer, session_, process});
  }
  recover_journals(files_, data_dir());
  const auto left = read_journals(files_, data_dir());
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].owner.process.start_key, this_process().start_key);
}

// Looks at the segments after each call that a process may be killed behind.
class SegmentsLookedAt final : public ForwardingFileSystem {
 public:
  explicit SegmentsLookedAt(std::string data_dir) : data_dir_(std::move(data_dir)) {}
  std::unique_ptr<WritableFile> open_for_append(const std::string& path, Create create) override {
    auto file = ForwardingFileSystem::open_for_append(path, create);
    look();
    return file;
  }
  void rename_new(const std::string& from, const std::string& to) override {
    ForwardingFileSystem::rename_new(from, to);
    look();
  }
  int with_header() const { return with_header_; }
  int without_header() const { return without_header_; }

 private:
  void look() {
    for (const auto& segment : find_channel_segments(*this, data_dir_)) {
      ++(read_channel_head(*this, segment.path) ? with_header_ : without_header_);
    }
  }

  std::string data_dir_;
  std::atomic<int> with_header_ = 0;
  std::atomic<int> without_header_ = 0;
};

TEST_F(ChannelStoreTest, WhatHasTheNameOfASegmentHasAHeader) {
  SegmentsLookedAt files(data_dir());
  ChannelStoreOptions with_files;
  with_files.files = &files;
  {
    ChannelStore store(data_dir(), session_, with_files);
    store.write("dmm.voltage", 1.0);
    store.write("dmm.voltage", "overload");
  }
  background::drain();
  EXPECT_GE(files.with_header(), 2);
  EXPECT_EQ(files.without_header(), 0);
}

TEST_F(ChannelStoreTest, SamplesOfAnotherProcessReachACallback) {
  ChannelStore store(data_dir(), session_, options());
  store.write("dmm.voltage", -1.0);
  store.flush();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<ChannelSample> found;
  const auto subscription =
      store.on_channel({.channel_id = "dmm.*"}, [&](const ChannelSample& sample) {
        const std::lock_guard lock(mutex);
        found.push_back(sample);
        changed.notify_all();
        if (found.size() == 1) throw std::runtime_error("of the callback");
      });
  const pid_t child = fork();
  if (child == 0) {
    ChannelStore other(data_dir(), Uuid::random());
    for (int i = 0; i < 100; ++i) other.write("dmm.voltage", i, {.units = "V"});
    other.write("scope.ch1", 1.0);
    const auto samples = rising(3);
    other.write("dmm.trace", Samples{samples, 0.5});
    other.close();
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  std::unique_lock lock(mutex);
  ASSERT_TRUE(
      changed.wait_for(lock, std::chrono::seconds(20), [&] { return found.size() == 101; }));
  EXPECT_THAT(problems_, ElementsAre(::testing::HasSubstr("of the callback")));
  // In the order of their channel.
  const auto trace = std::ranges::find(found, "dmm.trace", &ChannelSample::channel_id);
  ASSERT_NE(trace, found.end());
  EXPECT_EQ(trace->value, Value(ValueList{0.0, 1.0, 2.0}));
  EXPECT_EQ(trace->sample_interval, 0.5);
  found.erase(trace);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].value, Value(static_cast<double>(i)));
    EXPECT_EQ(found[i].units, "V");
  }
}

TEST_F(ChannelStoreTest, ADamagedSegmentIsNamedAndTheOthersAreRead) {
  std::string damaged;
  for (int i = 0; i < 3; ++i) {
    ChannelStore store(data_dir(), Uuid::random(), options());
    store.write("dmm.voltage", i, {.timestamp = at(i)});
    if (i == 1) damaged = "dmm.voltage_" + store.session_id().to_string().substr(0, 8) + ".arrow";
  }
  background::drain();
  for (const auto& segment : find_channel_segments(files_, data_dir())) {
    if (file_name(segment.path) != damaged) continue;
    const auto content = files_.read(segment.path);
    std::vector<std::uint8_t> bytes(content->bytes().begin(), content->bytes().end());
    bytes[bytes.size() / 2] ^= 0x10;
    files_.open_for_append(segment.path, FileSystem::Create::kReplace)->append(bytes);
  }
  ChannelStore store(data_dir(), Uuid::random(), options());
  std::vector<std::string> damages;
  ChannelQuery query;
  query.channel_id = "dmm.voltage";
  EXPECT_THAT(numbers(*store.query(query, &damages)), ElementsAre(0.0, 2.0));
  ASSERT_FALSE(damages.empty());
  EXPECT_THAT(damages[0], ::testing::HasSubstr(damaged));
}

}  // namespace
}  // namespace litmus
