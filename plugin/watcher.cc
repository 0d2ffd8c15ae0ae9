// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/watcher.hh"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <sys/inotify.h>
#include <unistd.h>

namespace caapolicy {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxLinks = 40; // as the kernel follows

// The folder of every path component that a change of which would lead to another file.
void addFolders(const fs::path& path, std::set<std::string>& folders, int links = 0)
{
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  fs::path at = whole.root_path();
  for (const auto& component : whole.relative_path()) {
    const fs::path next = at / component;
    const fs::file_type type = fs::symlink_status(next, error).type();
    if (type == fs::file_type::not_found) { // what a link leads to may be missing
      folders.insert(at.string());
      return;
    }
    if (type == fs::file_type::symlink && links < kMaxLinks) {
      folders.insert(at.string());
      const fs::path target = fs::read_symlink(next, error);
      if (!error) {
        addFolders(target.is_absolute() ? target : at / target, folders, links + 1);
      }
    }
    at = next;
  }
}

} // namespace

Watcher::Watcher() : d_fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
  if (d_fd < 0) {
    throw std::system_error(errno, std::generic_category(), "inotify");
  }
}

Watcher::~Watcher() { close(d_fd); }

// Watches the folder or, while it is missing, the nearest one above it that is there.
void Watcher::addNearest(const std::string& folder, std::map<std::string, int>& watches, std::vector<std::string>& failures)
{
  // No IN_MODIFY: a file that is being written is not read before its writer has closed it.
  constexpr uint32_t kEvents =
    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  constexpr int kTries = 10; // each gets further down, but for folders that come and go all the time
  for (int i = 0; i < kTries; ++i) {
    fs::path at = folder;
    fs::path missing;
    int descriptor = -1;
    while ((descriptor = inotify_add_watch(d_fd, at.c_str(), kEvents)) < 0 && (errno == ENOENT || errno == ENOTDIR)
           && at.has_relative_path()) {
      missing = std::exchange(at, at.parent_path());
    }
    if (descriptor < 0) {
      failures.push_back("`" + at.string() + "`: " + std::strerror(errno));
      return;
    }
    watches[at.string()] = descriptor; // the same one for a folder that is watched
    std::error_code error;
    if (missing.empty() || !fs::is_directory(missing, error)) {
      return;
    }
  } // it came before the watch above it was there: once more
}

std::vector<std::string> Watcher::watch(const Watched& watched)
{
  std::set<std::string> folders;
  const auto addWithFolder = [&folders](const fs::path& file) {
    std::error_code error;
    folders.insert(fs::absolute(file, error).lexically_normal().parent_path().string());
    addFolders(file, folders);
  };
  std::set<std::string> looked; // where a file that is no link leads to nothing new
  for (const auto& file : watched.files) {
    std::error_code error;
    if (fs::is_regular_file(fs::symlink_status(file, error)) && !looked.insert(file.parent_path().string()).second) {
      continue;
    }
    addWithFolder(file);
    const fs::path real = fs::canonical(file, error); // a link's target may be written in place
    if (!error) {
      folders.insert(real.parent_path().string());
    }
  }
  for (const auto& folder : watched.folders) {
    std::error_code error;
    folders.insert(fs::absolute(folder, error).lexically_normal().string());
    addWithFolder(folder);
  }

  std::vector<std::string> failures;
  std::map<std::string, int> now;
  for (const auto& folder : folders) {
    addNearest(folder, now, failures);
  }
  std::set<int> wanted;
  for (const auto& [folder, descriptor] : now) {
    wanted.insert(descriptor);
  }
  for (const auto& [folder, descriptor] : d_folders) {
    if (!wanted.contains(descriptor)) {
      inotify_rm_watch(d_fd, descriptor);
    }
  }
  d_folders = std::move(now);
  return failures;
}

bool Watcher::drain()
{
  alignas(inotify_event) std::array<char, 16384> buffer{};
  bool any = false;
  while (true) {
    const ssize_t size = read(d_fd, buffer.data(), buffer.size());
    if (size <= 0) {
      return any;
    }
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      // Not IN_IGNORED, which our own inotify_rm_watch() brings about.
      any = any || (event.mask & IN_IGNORED) == 0;
      at += static_cast<ssize_t>(sizeof(event) + event.len);
    }
  }
}

} // namespace caapolicy
