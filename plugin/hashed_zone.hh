// SPDX-License-Identifier: GPL-2.0-or-later
//
// The names of a wrapped zone next to which the policy may add one that it doesn't list itself: `*.N` for each alias N. And in zones with
// opt-out the empty non-terminals: the wrapped zone's order lacks some of them, which carry CAA in the synthesized zone.
//
// Depends on the wrapped zone alone. Made from all its records when the serial has changed, by the first query that needs it; others
// wait. A zone may get other records under the same serial. That is wrong, but people do it: a thread looks again once a minute, for
// zones that are asked for, and no query waits for that.
//
// Shared by all threads. Memory: some 60 bytes for each of those names.
#pragma once

#include "plugin/hash_walk.hh"
#include "plugin/zone_facts.hh"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace caapolicy {

// What it is made for.
struct HashedZoneFor {
  Zone zone;
  uint32_t serial;
  NSEC3PARAMRecordContent parameters;

  bool sameAs(const HashedZoneFor& other) const;
};

// Gives a wrapped zone's records, one after the other.
using ZoneRecords = std::function<void(const std::function<void(const DNSZoneRecord&)>&)>;

class HashedZone {
public:
  // What `before` (may be null) has hashed is not hashed again. Throws what `records` throws.
  HashedZone(HashedZoneFor madeFor, const ZoneRecords& records, const HashedZone* before);

  // As HashedListed has them. `number`: what was not accepted is not asked again for under the same one, for some time.
  struct When {
    Instant now;
    Instant nextChange; // of the policy
    uint32_t number;    // HashedListed::number()
  };
  std::optional<HashedName> first(const HashRange& range, const When& when, const AcceptsName& accepts) const;
  std::optional<HashedName> last(const HashRange& range, const When& when, const AcceptsName& accepts) const;

  const HashedZoneFor& madeFor() const { return d_for; }
  // It is time to look again, once for each time that this is asked.
  bool isDue(Instant now) const;

private:
  struct Entry {
    NameHash hash;
    uint32_t name; // where it begins in d_names
  };
  struct Block {
    std::vector<Entry> entries; // never empty
    mutable std::atomic<uint64_t> barren{0};
  };

  std::optional<HashedName> taken(const Entry& entry, const AcceptsName& accepts) const;
  WireName nameOf(const Entry& entry) const;
  static bool passesOver(const Block& block, const When& when);
  static void noteBarren(const Block& block, const When& when);

  HashedZoneFor d_for;
  std::vector<std::unique_ptr<const Block>> d_blocks; // ordered
  std::string d_names;                                // wire forms, one after the other
  mutable std::atomic<Instant> d_due;
};

// Makes a backend of the wrapped zones for another thread.
using WrappedMaker = std::function<std::unique_ptr<DNSBackend>()>;

// `records` are asked for in this thread, if it is to be made now; what `another` makes in another one later.
std::shared_ptr<const HashedZone> hashedZoneFor(const HashedZoneFor& wanted, const ZoneRecords& records, const WrappedMaker& another);

// All records of a zone. Asks the backend, which must not be asked anything else meanwhile.
void forEachRecord(DNSBackend& wrapped, const Zone& zone, const std::function<void(const DNSZoneRecord&)>& visit);

} // namespace caapolicy
