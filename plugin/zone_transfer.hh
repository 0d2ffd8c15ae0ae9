// SPDX-License-Identifier: GPL-2.0-or-later
//
// The synthesized zone, whole: what a zone transfer sends. The wrapped zone's records are passed on as they come and
// what they say of names is noted; after them come the records that the policy adds, made one name after the other. The same
// placement.hh that answers queries decides, so that both agree.
//
// Memory: a small entry for each name of the wrapped zone, and nothing for those that the policy adds. Used by one thread.
#pragma once

#include "plugin/record_writer.hh"
#include "plugin/zone_facts.hh"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class ZoneTransfer {
public:
  ZoneTransfer(std::shared_ptr<const Serving> serving, Zone zone, uint32_t cacheSeconds);

  // Takes note of a record of the wrapped zone. True: hand it on now; false: held until the end, and `record` is moved from.
  bool pass(DNSZoneRecord& record);
  // All of the wrapped zone has been seen.
  void finish();

  // After finish(). The next of the records that were held or are synthesized; false: no more. Looks up the addresses for aliases that are
  // flattened at last: may take a while, and throw DBException.
  bool next(DNSZoneRecord& record);

private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <typename Value>
  using ByName = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  bool isFlattened(const DNSRecord& record, WireName name) const;
  const TypesAt& typesAt(WireName name) const;
  const TypesAt& wildcardAt(WireName wildcard) const;
  NameFacts factsOf(WireName name, const TypesAt& at, WireName& encloser) const;
  void noteAncestors();
  bool placeNext();
  void placeAt(WireName name, const TypesAt& at);
  void emit(WireName owner, const Placement& placement, WireName encloser);
  void emitHeld(WireName owner, const Placement& placement);

  std::shared_ptr<const Serving> d_serving;
  Zone d_zone;
  std::string d_apex; // canonical wire form
  uint32_t d_cacheSeconds;
  Instant d_now;

  ByName<TypesAt> d_names;                               // that exist in the wrapped zone
  TypesAt d_atApex;
  bool d_hasWildcards{false};
  ByName<std::vector<DNSZoneRecord>> d_wildcardRecords; // by owner, for copies
  ByName<std::vector<DNSZoneRecord>> d_held;            // CAA, and aliases to be flattened, by owner

  std::vector<const ByName<TypesAt>::value_type*> d_order; // of d_names as they came, which is near to each other in memory
  size_t d_nextName{0};                       // of them, to be placed
  size_t d_nextListed{0};                     // and, after the last of them, of those that the policy lists
  RecordWriter d_writer;
  std::vector<DNSZoneRecord> d_flattened;     // CNAME records
  std::vector<DNSZoneRecord> d_out;           // of the name that was placed last
  size_t d_next{0};
};

} // namespace caapolicy
