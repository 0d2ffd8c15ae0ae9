// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a name carries in the synthesized zone: looks at what the wrapped zone has at the name and around it, and placement.hh says what
// follows.
#pragma once

#include "plugin/zone_facts.hh"

namespace caapolicy {

class ZonePlacer {
public:
  // `lookup` tells what the wrapped zone has at a name. `zone` and `snapshot` outlive the placer.
  ZonePlacer(TypesLookup lookup, const Zone& zone, const Snapshot& snapshot, Instant now) :
    d_lookup(std::move(lookup)), d_zone(zone), d_snapshot(snapshot), d_now(now)
  {
  }

  struct Placed {
    Placement placement;
    NameFacts facts;    // of the name; of N for `*.N`
    DNSName encloser;   // the name does not exist in the wrapped zone: its nearest ancestor that does
  };

  // `view` is the name's, or N's for `*.N`; `at` is what the wrapped zone has at the name.
  Placed place(const DNSName& name, const Snapshot::View& view, const TypesAt& at) const;

  // Cheaper: can the policy add `*.N` to the zone, where the wrapped zone doesn't have it? `view` is N's. May look at N.
  bool mayAddWildcard(const DNSName& parent, const Snapshot::View& view) const;

  TypesAt lookup(const DNSName& name) const { return d_lookup(name); }
  const Zone& zone() const { return d_zone; }
  const Snapshot& snapshot() const { return d_snapshot; }
  Instant now() const { return d_now; }

private:
  TypesLookup d_lookup;
  const Zone& d_zone;
  const Snapshot& d_snapshot;
  Instant d_now;
};

} // namespace caapolicy
