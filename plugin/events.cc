// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/events.hh"

#include "plugin/pdns.hh"
#include "policy/clock.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace caapolicy {

namespace {

constexpr size_t kMaxLines = 10'000; // that wait to be written

} // namespace

Events::~Events()
{
  if (d_fd >= 0) {
    close(d_fd);
  }
}

void Events::say(const char* event, Json details)
{
  if (!wanted()) {
    return;
  }
  Json line = {{"time", instantToText(time(nullptr))}, {"event", event}};
  line.update(details);
  const std::lock_guard lock(d_mutex);
  if (d_lines.size() >= kMaxLines) {
    ++d_lost;
    return;
  }
  d_lines.push_back(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

// A rotated file has another name now, or is gone.
void Events::openAgain()
{
  struct stat open{};
  struct stat there{};
  const bool same = d_fd >= 0 && fstat(d_fd, &open) == 0 && stat(d_path.c_str(), &there) == 0 && open.st_dev == there.st_dev
    && open.st_ino == there.st_ino;
  if (same) {
    return;
  }
  if (d_fd >= 0) {
    close(d_fd);
  }
  d_fd = ::open(d_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
  if (d_fd < 0) {
    fail(std::strerror(errno));
  }
}

void Events::fail(const std::string& what)
{
  if (!d_failing) {
    g_log << Logger::Error << "[caapolicy] can't write events to " << d_path << ": " << what << ": they are lost until it can be written" << endl;
  }
  d_failing = true;
}

bool Events::write(const std::string& line)
{
  const off_t before = lseek(d_fd, 0, SEEK_END);
  const ssize_t written = ::write(d_fd, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) {
    d_failing = false;
    return true;
  }
  fail(written < 0 ? std::strerror(errno) : std::strerror(ENOSPC));
  if (written > 0 && before >= 0 && ftruncate(d_fd, before) != 0) { // a part of a line would spoil the next one
    close(d_fd);
    d_fd = -1;
  }
  return false;
}

void Events::flush()
{
  std::deque<std::string> lines;
  {
    const std::lock_guard lock(d_mutex);
    lines.swap(d_lines);
  }
  if (lines.empty()) {
    return;
  }
  openAgain();
  for (const auto& line : lines) {
    if (d_fd < 0 || !write(line)) {
      ++d_lost;
    }
  }
}

} // namespace caapolicy
