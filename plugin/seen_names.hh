// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the wrapped zone had at the names that one client's query has led to so far. PowerDNS asks for a name and those around it,
// and what the policy adds there depends on the same names: nothing is asked twice for one query. It is forgotten with the
// query, as what the wrapped backend holds may change at any time.
//
// Used by one thread. Keeps its memory, so that it allocates nothing but for names longer than any before.
#pragma once

#include "plugin/zone_facts.hh"

#include <array>

namespace caapolicy {

class SeenNames {
public:
  // Another query begins.
  void forget() { d_count = 0; }
  // Null: not known.
  const TypesAt* find(const DNSName& name, int zoneId) const;
  void add(const DNSName& name, int zoneId, const TypesAt& types);

private:
  struct Seen {
    DNSName name;
    int zoneId{-1};
    TypesAt types;
  };
  // A query needs a few; what finds no room is asked again.
  std::array<Seen, 12> d_seen;
  size_t d_count{0};
  Instant d_since{0}; // PowerDNS's query cache may keep the beginning of a query from us: nothing lives beyond a second
};

} // namespace caapolicy
