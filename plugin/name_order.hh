// SPDX-License-Identifier: GPL-2.0-or-later
//
// The order of names in the synthesized zone, for denial of existence: NSEC (RFC 4034 6.1, by name) and NSEC3 (RFC 5155,
// by hash). The wrapped backend knows its own order; what the policy adds is fitted into it.
#pragma once

#include "plugin/policy_manager.hh"
#include "plugin/zone_placer.hh"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caapolicy {

// Moves `before` and `after`, the neighbours of `target` in the wrapped zone (before <= target < after, `after` may be the
// apex again), nearer to it where the policy has placed names between them.
void fitNeighbours(const ZonePlacer& placer, const DNSName& target, DNSName& before, DNSName& after);

// What the hashes of a zone's names depend on, but for the names.
struct HashedFor {
  const Serving* serving; // compared, never followed
  Instant version;        // ZoneVersions::latest(): rises when another policy has the address of an older one
  Instant lastChange;
  DNSName apex;
  int zoneId;
  uint32_t serial;
  NSEC3PARAMRecordContent parameters;

  bool sameAs(const HashedFor& other) const;
};

// The names that the policy adds to a zone, or gives records to, by their hashes. Immutable; shared by all threads. Memory: some 70 bytes
// for each name.
class HashedNames {
public:
  HashedNames(HashedFor madeFor, const std::vector<DNSName>& names);

  // Still right for these? A zone may get other records under the same serial. That is wrong, but people do it: a minute later it is
  // noticed.
  bool isFor(const HashedFor& wanted, Instant now) const { return now - d_made <= kLongest && d_for.sameAs(wanted); }

  // Moves `before` and `after`, the neighbours of `hash` in the wrapped zone, nearer to it. `unhashed` is the name of `before`; `known`:
  // the caller says that it is the name of the hash itself.
  void fit(const DNSName& hash, bool known, DNSName& unhashed, DNSName& before, DNSName& after) const;

private:
  static constexpr Instant kLongest = 60;
  static constexpr size_t kHashSize = 32; // base32hex of SHA-1
  struct Entry {
    std::array<char, kHashSize> hash; // lower case
    uint32_t name;                    // where it begins in d_names

    std::string_view text() const { return {hash.data(), hash.size()}; }
  };

  size_t firstFrom(std::string_view hash) const;
  DNSName nameOf(const Entry& entry) const;

  HashedFor d_for;
  Instant d_made;
  std::vector<Entry> d_entries; // ordered
  std::string d_names;          // wire forms, one after the other
};

// Made once for all threads when they are first asked for and whenever what they are for is another. `names` gives the names.
std::shared_ptr<const HashedNames> hashedNamesFor(const HashedFor& wanted, const std::function<std::vector<DNSName>()>& names);

} // namespace caapolicy
