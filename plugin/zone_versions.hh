// SPDX-License-Identifier: GPL-2.0-or-later
//
// When the policy last altered each zone, as a number that secondaries can go by: an instant, in seconds since 1970.
//
// Nothing is stored, so a start counts as a change of every zone. Each change gets an instant later than those of all
// changes before, whatever the clock says: it may be set back, and two changes may come within a second.
//
// All functions may be called by any thread.
#pragma once

#include "policy/snapshot.hh"

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

namespace caapolicy {

class ZoneVersions {
public:
  // The process begins to serve. Once, before everything else.
  void begin(Instant now);
  // What is served has changed, at `when`. Call it when the new records are served, never before: who sees the new
  // version must get the new records.
  void note(const std::vector<Snapshot::Change>& changes, Instant when);

  // The last change of all; another one whenever last() may be. Takes no lock.
  Instant latest() const { return d_latest.load(std::memory_order_acquire); }
  // The last change in the zone.
  Instant last(WireName apex) const;
  // There has been one since the start.
  bool changed(WireName apex) const { return last(apex) > d_begun; }

private:
  struct Last {
    Instant any;
    Instant below; // of the whole subtree
  };

  mutable std::mutex d_mutex;
  std::map<Name, Last> d_names;
  Instant d_begun{0};
  std::atomic<Instant> d_latest{0};
};

} // namespace caapolicy
