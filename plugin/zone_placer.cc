// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_placer.hh"

namespace caapolicy {

ZonePlacer::Placed ZonePlacer::place(const DNSName& name, const Snapshot::View& view, const TypesAt& at) const
{
  const WireName wire = wireOf(name);
  if (!isWildcard(wire)) {
    const Surroundings around = surroundingsOf(d_lookup, d_zone, name, at);
    return {placeName(d_snapshot, wire, view, around.facts, d_now), around.facts, around.encloser};
  }
  DNSName parent(name);
  parent.chopOff();
  const Surroundings around = surroundingsOf(d_lookup, d_zone, parent, d_lookup(parent));
  return {placeWildcard(d_snapshot, parentOf(wire), view, around.facts, at.asWildcard(d_zone), d_now), around.facts, around.encloser};
}

// As placeWildcard() has it: a guard, or copies of a wildcard that a published N would hide.
bool ZonePlacer::mayAddWildcard(const DNSName& parent, const Snapshot::View& view) const
{
  if (view.governed() && d_snapshot.own(view, d_now).setIndex != d_snapshot.child(view, d_now).setIndex) {
    return true;
  }
  if (parent == d_zone.apex) {
    return view.governed() && d_zone.aliasedApex;
  }
  return d_snapshot.published(view, d_now) || (view.governed() && d_lookup(parent).aliased(d_zone));
}

} // namespace caapolicy
