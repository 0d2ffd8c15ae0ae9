// SPDX-License-Identifier: GPL-2.0-or-later
//
// Notices changes of files by inotify on the folders that hold them, and on the folders of every symbolic link on the
// way to them: so an editor's rename, `mv` over a file, and a swapped link (as a mounted Kubernetes ConfigMap does) are
// seen as well as a file that is written in place and closed. A folder that is missing is waited for in the nearest one
// above it that exists.
//
// A watch is on a folder, not on its path: when a path may lead to another folder now, watch() has to be called again.
//
// One thread may wait and drain while another calls watch(). The descriptor is readable when something may have changed.
#pragma once

#include "policy/loader.hh"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace caapolicy {

class Watcher {
public:
  Watcher(); // throws std::system_error when the kernel gives no inotify instance
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  int descriptor() const { return d_fd; }

  // From now on watches these, and nothing else. Returns the folders that could not be watched, each with the reason.
  std::vector<std::string> watch(const Watched& watched);

  // Reads what came in; true when a watched file or folder may have changed.
  bool drain();

private:
  void addNearest(const std::string& folder, std::map<std::string, int>& watches, std::vector<std::string>& failures);

  int d_fd;
  std::map<std::string, int> d_folders; // path -> watch descriptor
};

} // namespace caapolicy
