// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the wrapped zone has at and around a name, found by asking the wrapped backend. Uses the backend's one lookup
// at a time: must not be called while a lookup is being read.
#pragma once

#include "policy/placement.hh"
#include "plugin/pdns.hh"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

namespace caapolicy {

// A canonical wire form (RFC 4034 6.2) of a DNSName, without a heap allocation.
class WireBuffer {
public:
  explicit WireBuffer(const DNSName& name);
  WireName name() const { return {d_bytes, d_size}; }

private:
  char d_bytes[kMaxNameLength + 1];
  size_t d_size;
};

// A name's wire form as it is, in any case: for what takes that. Lives as long as the name does and is not altered.
inline WireName wireOf(const DNSName& name)
{
  using namespace std::string_view_literals;
  const auto& bytes = name.getStorage();
  return bytes.empty() ? "\0"sv : WireName(bytes.data(), bytes.size()); // an empty DNSName: see WireBuffer
}

// As `==`, which takes its time to see that letters are the same but for their case.
inline bool sameName(const DNSName& a, const DNSName& b) { return a.getStorage() == b.getStorage() || a == b; }

DNSName toDnsName(WireName name);

struct Zone {
  DNSName apex;
  int id{-1};
  bool untouched{false}; // presigned, or a catalog zone: passed through as it is
  bool lua{false};       // its LUA records are run
  std::string soaEdit;   // how PowerDNS edits its serial; empty: not at all
  bool secondary{false}; // transferred from a primary
  // The wrapped backend works out itself, whenever a zone changes, what is under a delegation: what it says of that holds. With
  // databases it is what somebody last wrote there.
  bool marksCuts{false};
  bool ofPolicy{false}; // there is no wrapped backend: nothing is stored but at its apex
  // Its apex is an alias, which no zone may have (RFC 1034 3.6.2). For queries that are not about CAA.
  bool aliasedApex{false};
};

// A record that is CAA, or that PowerDNS makes CAA of when it is asked.
bool isCaa(const DNSRecord& record);

// Which types there are at a name.
struct TypesAt {
  bool any{false};
  bool ns{false};
  bool cname{false};
  bool dname{false};
  bool caa{false};
  bool luaCname{false};
  bool auth{false}; // the wrapped backend says of some record that no delegation is above it

  void add(const DNSZoneRecord& record);
  bool aliased(const Zone& zone) const { return cname || (luaCname && zone.lua); }
  WildcardFacts asWildcard(const Zone& zone) const { return {any, caa, aliased(zone) || dname || ns}; }
};

// The zones of one wrapped backend, remembered for as long as PowerDNS itself remembers their metadata.
class Zones {
public:
  // The zone with this id, if it is remembered. Asks nobody.
  const Zone* known(int id, Instant now) const;
  // The zone with this id that the name is in; without an id (-1), the deepest one. Null: none.
  // May throw what the wrapped backend throws.
  const Zone* find(DNSBackend& wrapped, const DNSName& name, int id);
  // The zone with this id, when no name in it is known. Slow for the first time.
  const Zone* findById(DNSBackend& wrapped, int id);

  // Did the last search find no SOA record? PowerDNS may have one in its cache that the wrapped backend has no more, while
  // somebody puts in a zone anew.
  bool lost() const { return d_lost; }

private:
  struct Known {
    Zone zone;
    Instant until{0};
  };
  std::unordered_map<int, Known> d_byId;
  bool d_lost{false};
};

struct Surroundings {
  NameFacts facts;
  DNSName encloser; // does not exist: the nearest ancestor that does
};

// Asks a backend, or all of them.
template <typename Backend>
TypesAt typesAt(Backend& backend, const DNSName& name, int zoneId)
{
  TypesAt types;
  DNSZoneRecord record;
  backend.lookup(QType(QType::ANY), name, zoneId, nullptr);
  while (backend.get(record)) {
    types.add(record);
  }
  return types;
}

// Tells what a zone has at a name.
using TypesLookup = std::function<TypesAt(const DNSName&)>;

// `at` is what the zone has at the name itself, asked before.
Surroundings surroundingsOf(const TypesLookup& lookup, const Zone& zone, const DNSName& name, const TypesAt& at);

// The wildcard owner right below a name; nothing where it would be too long for a name.
std::optional<DNSName> wildcardBelow(const DNSName& name);

} // namespace caapolicy
