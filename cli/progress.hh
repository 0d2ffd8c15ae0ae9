// SPDX-License-Identifier: GPL-2.0-or-later
//
// Says on a terminal that something takes its time, and for how long already.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace caapolicy::cli {

class Progress {
public:
  // Silent for the first second, and where stderr is no terminal.
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

private:
  void run();

  const std::string d_what;
  std::mutex d_mutex;
  std::condition_variable d_changed;
  bool d_done{false};
  std::thread d_thread;
};

} // namespace caapolicy::cli
