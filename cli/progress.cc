// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/progress.hh"

#include <unistd.h>

#include <chrono>
#include <iostream>

namespace caapolicy::cli {

Progress::Progress(std::string what) : d_what(std::move(what))
{
  if (isatty(STDERR_FILENO) == 1) {
    d_thread = std::thread([this] { run(); });
  }
}

Progress::~Progress()
{
  {
    const std::lock_guard lock(d_mutex);
    d_done = true;
  }
  d_changed.notify_all();
  if (d_thread.joinable()) {
    d_thread.join();
  }
}

void Progress::run()
{
  std::unique_lock lock(d_mutex);
  size_t seconds = 0;
  while (!d_changed.wait_for(lock, std::chrono::seconds(1), [this] { return d_done; })) {
    std::cerr << "\r" << d_what << " … " << ++seconds << " s" << std::flush;
  }
  if (seconds > 0) {
    std::cerr << "\r\033[K" << std::flush;
  }
}

} // namespace caapolicy::cli
