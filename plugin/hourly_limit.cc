// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/hourly_limit.hh"

namespace caapolicy {

bool HourlyLimit::isDue(WireName owner, Instant now)
{
  const std::unique_lock lock(d_mutex, std::try_to_lock);
  if (!lock.owns_lock()) {
    return false;
  }
  const auto known = d_told.find(std::string(owner));
  if (known != d_told.end()) {
    const bool due = now - known->second >= kInterval;
    if (due) {
      known->second = now;
    }
    return due;
  }
  if (d_told.size() >= kMaxOwners) {
    std::erase_if(d_told, [now](const auto& told) { return now - told.second >= kInterval; });
    if (d_told.size() >= kMaxOwners) {
      return false;
    }
  }
  d_told.emplace(owner, now);
  return true;
}

} // namespace caapolicy
