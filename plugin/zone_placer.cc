// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_placer.hh"

namespace caapolicy {

ZonePlacer::Placed ZonePlacer::place(const DNSName& name, const TypesAt& at) const
{
  const WireBuffer wire(name);
  if (!isWildcard(wire.name())) {
    const Surroundings around = surroundingsOf(d_lookup, d_zone, name, at);
    const auto view = d_snapshot.find(wire.name());
    return {placeName(d_snapshot, wire.name(), view, around.facts, d_now), around.facts, around.encloser};
  }
  DNSName parent(name);
  parent.chopOff();
  const Surroundings around = surroundingsOf(d_lookup, d_zone, parent, d_lookup(parent));
  const WireName parentWire = parentOf(wire.name());
  const auto view = d_snapshot.find(parentWire);
  return {placeWildcard(d_snapshot, parentWire, view, around.facts, at.asWildcard(d_zone), d_now), around.facts, around.encloser};
}

} // namespace caapolicy
