// SPDX-License-Identifier: GPL-2.0-or-later
//
// The SOA serial that secondaries see: the stored one and, where the policy has a say in the zone, an offset that rises
// with each change that the policy makes to the zone (zone_versions.hh). Both rise only, and so does their sum, in the
// arithmetic of RFC 1982. What is stored is never touched.
//
// Used by one thread.
#pragma once

#include "plugin/policy_manager.hh"
#include "plugin/zone_facts.hh"

#include <unordered_map>

namespace caapolicy {

class Serials {
public:
  explicit Serials(const PolicyManager& manager) : d_manager(manager) {}

  // The serial to serve in place of the stored one.
  uint32_t served(const Zone& zone, const Serving& serving, uint32_t stored);
  // When the policy last altered the zone; 0: it has no say in it, and had none since the start.
  Instant version(const Zone& zone, const Serving& serving);

private:
  const PolicyManager& d_manager;
  uint64_t d_policy{0}; // the number of the one that d_versions is of, and
  Instant d_latest{0};  // of this state of the manager's versions
  struct Version {
    DNSName apex;
    Instant changed{0};
  };
  std::unordered_map<int, Version> d_versions; // by the zone's id
};

// Of an SOA record; 0 where it can't be read.
uint32_t serialOf(const DNSZoneRecord& soa);
// Gives an SOA record another serial. A content that is in other records as well stays as it is.
void setSerial(DNSZoneRecord& soa, uint32_t serial);

} // namespace caapolicy
