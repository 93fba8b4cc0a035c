// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "litmus/time.h"

namespace litmus {

using Bytes = std::span<const std::uint8_t>;

// An open file that is written at its end. Owned by one writer; calls need no lock of their own
// but must not overlap, except sync(), which may run beside append().
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // All bytes or an Error(kIo): after a failure the file is cut back to what it held before, so a
  // half-written record never stays. Survives the death of the process when it returns.
  virtual void append(Bytes bytes) = 0;
  // The same for bytes that lie apart, one behind the other.
  virtual void append_parts(std::span<const Bytes> parts);
  // Data is on stable storage (fdatasync) when it returns.
  virtual void sync() = 0;
  virtual void close() = 0;
  virtual std::uint64_t size() const = 0;
  virtual const std::string& path() const = 0;
};

// The whole content of a file at the moment of reading; valid as long as the object lives.
class FileContent {
 public:
  virtual ~FileContent() = default;
  virtual Bytes bytes() const = 0;
};

// Room for what memory is too small for: a file without a name, gone when its owner is. read() may
// be called from any thread, as long as append() does not run.
class ScratchFile {
 public:
  virtual ~ScratchFile() = default;
  virtual void append(Bytes bytes) = 0;  // all bytes, or an Error(kIo) and none
  // Fills `bytes` with what stands from `offset` on, all of which was appended before.
  virtual void read(std::uint64_t offset, std::span<std::uint8_t> bytes) const = 0;
  virtual std::uint64_t size() const = 0;
};

// A file of fixed size in memory, shared with every process that maps it: what was stored there
// survives the death of the process.
class MappedFile {
 public:
  virtual ~MappedFile() = default;
  virtual std::span<std::uint8_t> bytes() = 0;
  virtual void sync() = 0;  // on stable storage when it returns
};

struct DirectoryEntry {
  std::string name;  // without folder
  bool is_directory;
};

struct FileStatus {
  bool is_directory = false;
  std::uint64_t size = 0;
  Timestamp modified_at;
  std::uint32_t owner = 0;  // user id

  friend bool operator==(const FileStatus&, const FileStatus&) = default;
};

// Held until it is destroyed, or its process ends.
class FolderLock {
 public:
  virtual ~FolderLock() = default;
};

// The only door to the disk: everything that litmus opens, writes, renames, syncs or removes goes
// through here, so that a test double can fail any of it. Paths are UTF-8. Every failure is an
// Error(kIo) (kNotFound where the file does not exist) with the path and the system's reason.
// Implementations are safe to call from any thread.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // kNew: Error(kConflict) when the name exists; kExisting: Error(kNotFound) when it does not
  enum class Create { kNew, kReplace, kExisting };
  virtual std::unique_ptr<WritableFile> open_for_append(const std::string& path, Create create) = 0;
  virtual std::unique_ptr<FileContent> read(const std::string& path) = 0;
  // The part from byte `offset` on; empty if the file is not longer than that.
  virtual std::unique_ptr<FileContent> read_from(const std::string& path, std::uint64_t offset) = 0;
  // At most `size` bytes from byte `offset` on.
  virtual std::unique_ptr<FileContent> read_part(const std::string& path, std::uint64_t offset,
                                                 std::uint64_t size) = 0;
  // A new file of zeros whose blocks exist on disk. Null where files must not be mapped (network
  // file systems); nothing is made then.
  virtual std::unique_ptr<MappedFile> map_new(const std::string& path, std::uint64_t size) = 0;
  // In $TMPDIR, else in the system's folder for large temporary files.
  virtual std::unique_ptr<ScratchFile> open_scratch() = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual std::optional<FileStatus> status(const std::string& path) = 0;  // nothing if not there
  virtual bool is_writable(const std::string& folder) = 0;  // by this user, as far as rights tell
  virtual std::vector<DirectoryEntry> list(const std::string& folder) = 0;  // sorted by name;
                                                                            // empty if not there
  virtual void create_folders(const std::string& folder) = 0;
  // Replaces `to` in one step.
  virtual void rename(const std::string& from, const std::string& to) = 0;
  // As rename, but Error(kConflict) when `to` exists: never over another run's file.
  virtual void rename_new(const std::string& from, const std::string& to) = 0;
  virtual void truncate(const std::string& path, std::uint64_t size) = 0;
  virtual void remove(const std::string& path) = 0;         // no error when it is not there
  virtual void remove_folder(const std::string& path) = 0;  // an empty one
  virtual void sync_folder(const std::string& folder) = 0;
  // Everything that was written to the folder's file system is on stable storage when it returns:
  // for many files at once, where a sync of each would take seconds.
  virtual void sync_all(const std::string& folder) = 0;
  // Keeps every other process and thread that asks for the same lock waiting, as long as none holds
  // it for more than a few seconds: then, and where a file system has no locks, the result is null
  // and the caller goes on without.
  virtual std::unique_ptr<FolderLock> lock_folder(const std::string& folder) = 0;
  // A file of `size` bytes whose blocks exist on disk: space that can be freed when it is full.
  virtual void reserve(const std::string& path, std::uint64_t size) = 0;
  // Another name for the same content; a copy where the file system cannot link.
  virtual void link_or_copy(const std::string& from, const std::string& to) = 0;
};

// The real one; lives as long as the process.
FileSystem& posix_file_system();

// "a/b" + "c" -> "a/b/c"
std::string join_path(const std::string& folder, const std::string& name);
std::string file_name(const std::string& path);
std::string parent_folder(const std::string& path);
std::string absolute_path(const std::string& path);

}  // namespace litmus
