// SPDX-License-Identifier: GPL-2.0-or-later
//
// The synthesized zone, whole: what a zone transfer sends. The wrapped zone's records are passed on as they come and
// what they say of names is noted; at the end come the records that the policy adds. The same placement.hh that
// answers queries decides, so that both agree.
//
// Memory: a small entry for each name of the zone. Used by one thread.
#pragma once

#include "plugin/serving.hh"
#include "plugin/zone_facts.hh"

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class ZoneTransfer {
public:
  ZoneTransfer(std::shared_ptr<const Serving> serving, Zone zone, uint32_t cacheSeconds);

  // Takes note of a record of the wrapped zone. True: hand it on now; false: held until the end.
  bool pass(const DNSZoneRecord& record);
  // All of the wrapped zone has been seen.
  void finish();
  // The names that carry something that the wrapped zone doesn't have there, after finish().
  const std::vector<DNSName>& placedNames() const { return d_placed; }
  // Looks up the addresses for aliases that are flattened, after finish(): may take a while, and throw DBException.
  void flatten();
  // The next of the records that were held or are synthesized; false: no more.
  bool next(DNSZoneRecord& record);

private:
  bool isFlattened(const DNSRecord& record, WireName name) const;
  const TypesAt& typesAt(WireName name) const;
  NameFacts factsOf(WireName name, WireName& encloser) const;
  void noteAncestors();
  void placeAt(WireName name);
  void emit(WireName owner, const Placement& placement, WireName encloser);

  std::shared_ptr<const Serving> d_serving;
  Zone d_zone;
  std::string d_apex; // canonical wire form
  uint32_t d_cacheSeconds;
  Instant d_now;

  std::unordered_map<std::string, TypesAt> d_names;                             // that exist in the wrapped zone
  std::unordered_map<std::string, std::vector<DNSZoneRecord>> d_wildcardRecords; // by owner, for copies
  std::unordered_map<std::string, std::vector<DNSZoneRecord>> d_held;            // CAA, and aliases to be flattened, by owner
  std::vector<DNSZoneRecord> d_flattened; // CNAME records
  std::vector<DNSZoneRecord> d_out;
  std::vector<DNSName> d_placed;
  size_t d_next{0};
};

} // namespace caapolicy
