// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a name carries in the synthesized zone, found by asking the wrapped backend about the name and what is around
// it, and placement.hh what follows. Uses the backend's one lookup at a time, as zone_facts.hh does.
#pragma once

#include "plugin/zone_facts.hh"

namespace caapolicy {

class ZonePlacer {
public:
  // All of these outlive it.
  ZonePlacer(DNSBackend& wrapped, const Zone& zone, const Snapshot& snapshot, Instant now) :
    d_zone(zone), d_snapshot(snapshot), d_now(now),
    d_lookup([&wrapped, &zone](const DNSName& name) { return typesAt(wrapped, name, zone.id); })
  {
  }

  struct Placed {
    Placement placement;
    NameFacts facts;    // of the name; of N for `*.N`
    DNSName encloser;   // the name does not exist in the wrapped zone: its nearest ancestor that does
  };

  // `at` is what the wrapped zone has at the name, where that has been asked before.
  Placed place(const DNSName& name, const TypesAt& at) const;
  Placed place(const DNSName& name) const { return place(name, d_lookup(name)); }

  const Zone& zone() const { return d_zone; }
  const Snapshot& snapshot() const { return d_snapshot; }

private:
  const Zone& d_zone;
  const Snapshot& d_snapshot;
  Instant d_now;
  TypesLookup d_lookup;
};

} // namespace caapolicy
