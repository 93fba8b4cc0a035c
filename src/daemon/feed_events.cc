// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/feed_impl.h"
#include "litmus/error.h"
#include "store/event_message.h"

namespace litmus {
namespace {

constexpr std::size_t kUuidLength = 36;
constexpr auto kLateRunsWait = std::chrono::milliseconds(300);

// All segments of one writer share the part of the name before `_0001.arrow` or `.arrow`.
std::string writer_stem(const std::string& path) {
  const std::string name = file_name(path);
  return name.substr(0, name.find_first_of("_."));
}

std::optional<EventFileHeader> header_of(FileSystem& files, const std::string& path) {
  try {
    const auto content = files.read(path);
    const auto first = read_event_message(content->bytes());
    if (first.message) return first.message->header;
  } catch (const Error&) {  // gone, or not readable: no header
  }
  return std::nullopt;
}

}  // namespace

void Feed::Impl::read_dirty_files() {
  // By path, so that the segments of a writer come in their order.
  for (const std::string& path : std::exchange(dirty_, {})) {
    try {
      read_session_file(path);
    } catch (const Error& error) {
      if (error.code() == Code::kNotFound) {
        forget_event_file(path);
      } else {
        log_once(error.what());
      }
    }
  }
  appeared_.clear();
}

// Those that were read, oldest first.
std::vector<std::string> Feed::Impl::files_of(const Uuid& session_id) const {
  std::set<std::string> paths;
  for (const IndexedEventFile& file : index_.event_files_of({&session_id, 1})) {
    if (event_files_.find(file.path) != nullptr) paths.insert(file.path);
  }
  for (std::string& path : event_files_.with_prefix(session_id.to_string() + "-")) {
    paths.insert(std::move(path));
  }
  return {paths.begin(), paths.end()};
}

std::optional<Uuid> Feed::Impl::session_of(const std::string& path) {
  const std::string name = file_name(path);
  try {
    if (name.size() > kUuidLength) {
      return Uuid::parse(std::string_view(name).substr(0, kUuidLength));
    }
  } catch (const Error&) {  // somebody has given it another name
  }
  const auto header = header_of(files_, path);
  if (header) return header->session_id;
  return std::nullopt;
}

void Feed::Impl::read_session_file(const std::string& path) {
  if (!files_.exists(path)) return forget_event_file(path);
  const auto id = session_of(path);
  if (!id) return log_once(path + ": not an event file, or its header is damaged");
  const auto place = sessions_.find(*id);
  if (place == sessions_.end()) {
    const KnownFile* known = event_files_.find(path);
    if (known != nullptr && known->finished && !is_broken(path)) {
      // Compressed after everything in it was read, most likely.
      const auto header = header_of(files_, path);
      if (header && header->sealed && header->sealed->last_seq <= known->last_seq) return;
    }
    auto paths = files_of(*id);
    if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
    load_session(*id, paths, SessionState::Depth::kRows);
    return;
  }
  Session& session = place->second;
  FollowedFile& file = follow(session, path);
  if (appeared_.contains(path)) file.tail.look_from_the_beginning();
  read_file(session, file);
  settle(*id);
}

// Reads all of a session that is not followed yet.
void Feed::Impl::load_session(const Uuid& id, const std::vector<std::string>& paths,
                              SessionState::Depth depth) {
  {
    const std::lock_guard lock(mutex_);
    sessions_.erase(id);
    sessions_.try_emplace(id, id, depth);
  }
  Session& session = sessions_.at(id);
  for (const std::string& path : paths) {
    try {
      read_file(session, follow(session, path));
    } catch (const Error& error) {
      if (error.code() != Code::kNotFound) log_once(error.what());
      const std::lock_guard lock(mutex_);
      session.files.erase(path);
    }
  }
  find_sealed(session);
  if (settle(id)) return;
  if (depth == SessionState::Depth::kMarks) {
    return load_session(id, paths, SessionState::Depth::kRows);
  }
  consider(session);
  settle(id);
}

// What the index knows from run files.
void Feed::Impl::find_sealed(Session& session) {
  for (auto& [run_id, run] : session.state.runs()) {
    if (!run.started || run.sealed || !index_.file_of_run(run_id)) continue;
    const std::lock_guard lock(mutex_);
    session.state.seal(run_id);
  }
}

Feed::Impl::FollowedFile& Feed::Impl::follow(Session& session, const std::string& path) {
  const auto place = session.files.find(path);
  if (place != session.files.end()) return place->second;
  const auto writer = session.writers.try_emplace(
      writer_stem(path), static_cast<std::uint32_t>(session.writers.size()));
  const std::lock_guard lock(mutex_);
  FollowedFile& file = session.files.try_emplace(path, path).first->second;
  file.writer = writer.first->second;
  file.indexed_through = event_files_[path].last_seq;
  return file;
}

void Feed::Impl::read_file(Session& session, FollowedFile& file) {
  const bool new_header = !file.tail.header();
  file.tail.read(files_, [&](const EventRow& row) { take_row(session, file, row); });
  const std::string& path = file.tail.path();
  for (const std::string& damage : file.tail.take_damages()) {
    log_once(damage);
    const auto status = files_.status(path);
    if (!status) continue;
    {
      const std::lock_guard lock(told_mutex_);
      broken_.insert(path);
    }
    index_queue_.put([path, damage, status](Index& index) {
      const std::int64_t modified = status->modified_at.time_since_epoch().count();
      index.put_broken_file({{path, status->size, modified}, damage});
    });
  }
  if (!file.tail.damaged()) forget_damage(path);  // somebody has repaired it
  for (const std::string& problem : session.state.take_problems()) log_once(problem);
  KnownFile& known = event_files_[path];
  known.size = file.tail.size();
  known.last_seq = file.indexed_through;
  known.finished = false;
  if (new_header && file.tail.header()) {
    const EventFileHeader& header = *file.tail.header();
    if (header.host == host_ && session.state.depth() == SessionState::Depth::kRows) {
      processes_.add(writer_of(header));
    }
    moved_.emplace(session.state.id(), path);
  }
}

// First to those who wait for it.
void Feed::Impl::take_row(Session& session, FollowedFile& file, const EventRow& row) {
  const bool is_new = row.seq > file.indexed_through;
  if (is_new) {
    auto event = std::make_shared<StreamedEvent>();
    event->event_number = ++last_event_number_;
    event->writer_id = file.tail.header()->writer_id;
    event->seq = row.seq;
    event->occurred_at = row.occurred_at;
    event->received_at = row.received_at;
    event->id = row.id;
    event->event_type = row.event_type;
    event->session_id = row.session_id;
    if (row.run_id) event->run_id = std::string(*row.run_id);
    event->json = row.json;
    if (sink_ != nullptr) sink_->on_event(event);
    pending_bytes_ += sizeof(StreamedEvent) + row.json.size() + 200;
    if (pending_.empty() && moved_.empty()) flush_due_ = Clock::now() + kFlushPace;
    pending_.push_back(std::move(event));
    file.indexed_through = row.seq;
    moved_.emplace(session.state.id(), file.tail.path());
  }
  bool in_time = true;
  {
    const std::lock_guard lock(mutex_);
    in_time = session.state.take(row, file.writer, file.tail.path());
  }
  if (in_time || !is_new || in_backlog_ || !row.run_id) return;
  session.late_runs.insert(Uuid::parse(*row.run_id));
  late_due_ = Clock::now() + kLateRunsWait;
}

IndexedEventFile Feed::Impl::position_of(const Session& session, const FollowedFile& file) {
  IndexedEventFile position;
  position.path = file.tail.path();
  position.writer_id = file.tail.header()->writer_id;
  position.session_id = session.state.id();
  position.last_seq = file.indexed_through;
  position.size = file.tail.size();
  return position;
}

// Lets go of a session that will not change any more. False if it may.
bool Feed::Impl::settle(const Uuid& id) {
  const auto place = sessions_.find(id);
  if (place == sessions_.end()) return true;
  Session& session = place->second;
  if (!session.state.all_sealed() || !session.late_runs.empty() || session.recovering) return false;
  const bool ended = session.state.ended();
  for (const auto& [path, file] : session.files) {
    if (!file.tail.header() || !file.tail.closed() || !(ended || file.writer_gone)) return false;
  }
  flush();
  for (const auto& [path, file] : session.files) {
    event_files_[path].finished = true;
    if (index_queue_.incomplete()) continue;
    IndexedEventFile position = position_of(session, file);
    position.finished = true;
    index_queue_.put([position](Index& index) { index.put_event_file(position); });
  }
  files_indexed_ += static_cast<std::int64_t>(session.files.size());
  const std::lock_guard lock(mutex_);
  sessions_.erase(place);
  return true;
}

bool Feed::Impl::is_broken(const std::string& path) const {
  const std::lock_guard lock(told_mutex_);
  return broken_.contains(path);
}

void Feed::Impl::forget_damage(const std::string& path) {
  {
    const std::lock_guard lock(told_mutex_);
    if (broken_.erase(path) == 0) return;
  }
  index_queue_.put([path](Index& index) {
    const std::vector<std::string> paths{path};
    index.remove_files(paths);
  });
}

void Feed::Impl::forget_event_file(const std::string& path) {
  forget_damage(path);
  if (event_files_.find(path) != nullptr) {
    event_files_.erase(path);
    flush();
    index_queue_.put([path](Index& index) {
      const std::vector<std::string> paths{path};
      index.remove_event_files(paths);
    });
  }
  const std::lock_guard lock(mutex_);
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    if (at->second.files.erase(path) == 0) continue;
    if (!at->second.files.empty()) return;
    for (const auto& [run_id, run] : at->second.state.runs()) {
      if (run.sealed) continue;
      index_queue_.put([id = run_id](Index& index) { index.remove_live_run(id); });
    }
    sessions_.erase(at);
    return;
  }
}

}  // namespace litmus
