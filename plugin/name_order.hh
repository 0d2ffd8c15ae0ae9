// SPDX-License-Identifier: GPL-2.0-or-later
//
// The order of names in the synthesized zone, for denial of existence: NSEC (RFC 4034 6.1, by name) and NSEC3 (RFC 5155,
// by hash). The wrapped backend knows its own order; what the policy adds is fitted into it.
#pragma once

#include "plugin/policy_manager.hh"
#include "plugin/zone_placer.hh"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caapolicy {

// Moves `before` and `after`, the neighbours of `target` in the wrapped zone (before <= target < after, `after` may be the
// apex again), nearer to it where the policy has placed names between them.
void fitNeighbours(const ZonePlacer& placer, const DNSName& target, DNSName& before, DNSName& after);

// The names that the policy adds to a zone, or gives records to, by their hashes. Immutable; shared by all threads.
class HashedNames {
public:
  struct Entry {
    std::string hash; // base32hex, lower case, as PowerDNS has it
    DNSName name;
  };

  explicit HashedNames(std::vector<Entry> entries); // in any order

  // The entry with this hash; the nearest below and above it, around the circle. Null where there is no entry at all.
  const Entry* at(const std::string& hash) const;
  const Entry* below(const std::string& hash) const;
  const Entry* above(const std::string& hash) const;

private:
  std::vector<Entry> d_entries; // ordered
};

// For this zone at this time, made once for all threads when it is first asked for and whenever the policy, the zone's serial
// or its NSEC3PARAM are others. `list` lists the wrapped zone.
std::shared_ptr<const HashedNames> hashedNamesOf(const std::shared_ptr<const Serving>& serving, const Zone& zone,
                                                 const NSEC3PARAMRecordContent& parameters, uint32_t serial,
                                                 const std::function<std::vector<DNSName>()>& placedNames);

} // namespace caapolicy
