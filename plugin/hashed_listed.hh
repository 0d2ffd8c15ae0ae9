// SPDX-License-Identifier: GPL-2.0-or-later
//
// The names that a policy lists in a zone, and the `*` child of each, in the order of their hashes (NSEC3, RFC 5155).
//
// What is expensive is to hash. So this depends on the snapshot alone, not on the time or on what else is in the zone: it has all names
// that may be in the zone at some time, and who searches it says which are there now. The next snapshot's is made of the one
// before: only the names that it adds are hashed, and all blocks without one of them are shared.
//
// Immutable but for notes of what needn't be looked at again; shared by all threads. Memory: 56 to 60 bytes for each listed name.
#pragma once

#include "plugin/hash_walk.hh"
#include "policy/snapshot.hh"

#include <atomic>
#include <memory>
#include <vector>

namespace caapolicy {

class HashedListed {
public:
  // `apex` is a canonical wire form. `hash` is kept, and called by whoever makes one from this one.
  HashedListed(std::shared_ptr<const Snapshot> snapshot, std::string apex, HashFunction hash);
  // For a later snapshot. Costs a pass over the names of both, and for a few changed names little more.
  HashedListed(const HashedListed& before, std::shared_ptr<const Snapshot> snapshot);

  struct When {
    Instant now;
    uint32_t serial; // of the zone: what was not accepted is not asked again for under the same one, for a minute or two
  };
  // The first accepted name with `from` < hash < `end`, and the last with `from` < hash <= `end`. Null: no such bound.
  //
  // What bounds the walk: a block (128 to 256 names) in which nothing can be in the zone at `now` by the policy is passed over
  // whole, and so is one that a walk before found without an accepted name. In a zone that takes the names of the policy the walk is over
  // after a few names; in one that takes few of them (below a delegation, or covered by a wildcard with a CNAME) the
  // first walk is long, and a million names need a look at some ten thousand blocks then.
  std::optional<HashedName> first(const HashRange& range, const When& when, const AcceptsName& accepts) const;
  std::optional<HashedName> last(const HashRange& range, const When& when, const AcceptsName& accepts) const;

  const std::string& apex() const { return d_apex; }
  const Snapshot& snapshot() const { return *d_snapshot; }
  size_t size() const;
  // Another one for each: what was noted elsewhere for one of them does not hold for the next.
  uint32_t number() const { return d_number; }

private:
  static constexpr size_t kBlock = 128;
  static constexpr size_t kMaxSmall = 64; // blocks, beyond which they are made anew where they are small

  struct Entry {
    NameHash hash;
    std::array<unsigned char, sizeof(uintptr_t)> packed; // the node's address, odd for its `*` child

    Entry(const NameHash& hash, const Node& node, bool wildcard);
    const Node& node() const;
    bool wildcard() const { return (raw() & 1) != 0; }
    uintptr_t raw() const;
    bool operator<(const Entry& other) const { return hash < other.hash; }
  };
  static_assert(sizeof(Entry) == 28);

  struct Block {
    explicit Block(std::vector<Entry> sorted);

    std::vector<Entry> entries; // never empty
    Instant from;               // before this instant, and
    Instant until;              // from this one on none of them is in the zone by the policy
    mutable std::atomic<uint64_t> barren{0}; // a serial, and until when none is accepted under it: BarrenNote
  };
  using Blocks = std::vector<std::shared_ptr<const Block>>;

  struct Change {
    Entry entry;
    bool added;
  };

  void patch(const Blocks& before, const std::vector<Change>& changes);
  void append(std::vector<Entry> entries);
  bool passesOver(const Block& block, const When& when) const;
  void noteBarren(const Block& block, const When& when) const;
  static std::optional<HashedName> taken(const Entry& entry, const When& when, const AcceptsName& accepts);
  static std::string nameOf(const Entry& entry);

  std::shared_ptr<const Snapshot> d_snapshot; // whose nodes the entries point to
  std::string d_apex;
  HashFunction d_hash;
  uint32_t d_number;
  Blocks d_blocks;
};

} // namespace caapolicy
