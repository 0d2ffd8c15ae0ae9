// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_versions.hh"

#include <algorithm>

namespace caapolicy {

void ZoneVersions::begin(Instant now)
{
  const std::lock_guard lock(d_mutex);
  d_begun = now;
  d_latest.store(now, std::memory_order_release);
}

void ZoneVersions::note(const std::vector<Snapshot::Change>& changes, Instant when)
{
  if (changes.empty()) {
    return;
  }
  const std::lock_guard lock(d_mutex);
  const Instant version = std::max(d_latest.load(std::memory_order_relaxed) + 1, when);
  for (const auto& change : changes) {
    auto& last = d_names.try_emplace(change.name, Last{0, 0}).first->second;
    last.any = version;
    if (change.below) {
      last.below = version;
    }
  }
  d_latest.store(version, std::memory_order_release);
}

Instant ZoneVersions::last(WireName apex) const
{
  const std::lock_guard lock(d_mutex);
  Instant found = d_begun;
  // In canonical order what is at or below a name stands together.
  for (auto at = d_names.lower_bound(Name::fromWire(apex)); at != d_names.end() && isAtOrBelow(at->first.wire(), apex); ++at) {
    found = std::max(found, at->second.any);
  }
  for (WireName above = apex; above.size() > 1;) {
    above = parentOf(above);
    const auto at = d_names.find(Name::fromWire(above));
    if (at != d_names.end()) {
      found = std::max(found, at->second.below);
    }
  }
  return found;
}

} // namespace caapolicy
