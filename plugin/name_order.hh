// SPDX-License-Identifier: GPL-2.0-or-later
//
// The order of names in the synthesized zone, for denial of existence: NSEC (RFC 4034 6.1, by name) and NSEC3 (RFC 5155,
// by hash). The wrapped backend knows its own order; what the policy adds is fitted into it.
#pragma once

#include "plugin/hashed_orders.hh"
#include "plugin/hashed_zone.hh"
#include "plugin/zone_placer.hh"

#include <optional>

namespace caapolicy {

// Moves `before` and `after`, the neighbours of `target` in the wrapped zone (before <= target < after, `after` may be the
// apex again), nearer to it where the policy has placed names between them.
void fitNeighbours(const ZonePlacer& placer, const DNSName& target, DNSName& before, DNSName& after);

// Moves `before` and `after`, the neighbours of `hash` in the wrapped zone, nearer to it likewise. `unhashed` becomes the name of
// `before`. `known` is the name of the hash, where the caller says that this is in the zone.
//
// Names are in the orders that may be in the zone or not: the nearest ones are looked at until one is. See hashed_listed.hh for
// what bounds that.
struct HashOrders {
  const HashedListed& listed; // of the placer's snapshot
  const HashedZone& stored;   // of its zone
};
void fitHashedNeighbours(const ZonePlacer& placer, const HashOrders& orders, const DNSName& hash, const std::optional<DNSName>& known,
                         DNSName& unhashed, DNSName& before, DNSName& after);

} // namespace caapolicy
