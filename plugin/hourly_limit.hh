// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is worth a line in the log for each owner, and no more than one an hour: queries must not fill a disk.
//
// Any thread may call it. It never waits: what comes while another thread is in it, or beyond its bound, is not told of.
#pragma once

#include "policy/clock.hh"
#include "policy/name.hh"

#include <mutex>
#include <string>
#include <unordered_map>

namespace caapolicy {

class HourlyLimit {
public:
  // True when the owner is to be told of now.
  bool isDue(WireName owner, Instant now);

private:
  static constexpr Instant kInterval = 3600;
  static constexpr size_t kMaxOwners = 10'000;

  std::mutex d_mutex;
  std::unordered_map<std::string, Instant> d_told;
};

} // namespace caapolicy
