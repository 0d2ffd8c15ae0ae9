// SPDX-License-Identifier: GPL-2.0-or-later
//
// What happens, as JSON Lines appended to a file (RFC 8259, one object a line), for programs that tell people: denials, loads of the
// policy, approvals that begin, end, and are about to.
//
// say() never waits for the file: a thread of the caller's writes with flush(). A line is in the file whole or not at all; what can't
// be written is lost and counted. The file is opened anew when another one, or none, is at its path.
#pragma once

#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace caapolicy {

using Json = nlohmann::ordered_json;

class Events {
public:
  // An empty path: nothing is kept.
  explicit Events(std::string path) : d_path(std::move(path)) {}
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  bool wanted() const { return !d_path.empty(); }
  // With the time of now in front. Any thread.
  void say(const char* event, Json details);
  // Writes what was said. One thread.
  void flush();
  uint64_t lost() const { return d_lost; }

private:
  void openAgain();
  void fail(const std::string& what);
  bool write(const std::string& line);

  const std::string d_path;
  std::mutex d_mutex; // guards the queue
  std::deque<std::string> d_lines;
  std::atomic<uint64_t> d_lost{0};
  int d_fd{-1};
  bool d_failing{false}; // the log has said so
};

} // namespace caapolicy
