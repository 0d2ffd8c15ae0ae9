// SPDX-License-Identifier: GPL-2.0-or-later
//
// Name -> node: a hash table that is made for a lookup to go to main memory once, for the node, and for a copy of it to be a copy of
// memory. A byte for each slot tells whether it is worth a look: for a million names those bytes fit a processor's cache.
//
// One thread fills a table; then it is const, and any thread may read it.
#pragma once

#include "huge_pages.hh"
#include "node_store.hh"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace caapolicy {

class NameTable {
public:
  NameTable() : NameTable(kFewest) {}

  // Room for so many names, and some more.
  void reserve(size_t names, const NodeStore& nodes);
  // The handle of a name's node, or kNone. `name` is canonical.
  uint32_t find(WireName name, const NodeStore& nodes) const noexcept;
  // Has the processor fetch what find() of a name will read, while the caller goes on: first with the name, and some hundred
  // nanoseconds later with what that gave.
  size_t fetch(WireName name) const noexcept;
  void fetch(size_t hash, const NodeStore& nodes) const noexcept;
  // Sets the node of a name that `nodes` has it for.
  void put(uint32_t handle, const NodeStore& nodes);
  void erase(WireName name, const NodeStore& nodes);

  size_t size() const { return d_size; }

private:
  static constexpr size_t kFewest = 8;

  explicit NameTable(size_t slots) : d_tags(slots), d_handles(slots) {}

  static size_t hashOf(WireName name) noexcept { return std::hash<std::string_view>{}(name); }
  // Where the search for a name begins: the hash's upper half, a fraction of 2^32, of the table's size, which so need not be a power of
  // two. The smaller the table, the more of it stays in a cache. Handles are too few for 2^32 slots.
  size_t homeOf(size_t hash) const noexcept { return (hash >> 32) * d_tags.size() >> 32; }
  size_t after(size_t slot) const noexcept { return slot + 1 == d_tags.size() ? 0 : slot + 1; }
  // How far `slot` is behind `home`, with the table's end joined to its beginning.
  size_t distance(size_t home, size_t slot) const noexcept { return slot >= home ? slot - home : slot + d_tags.size() - home; }
  // Where the name is, or the empty slot where it would be put.
  size_t slotOf(WireName name, size_t hash, const NodeStore& nodes) const noexcept;
  void resize(size_t slots, const NodeStore& nodes);

  // At most three quarters of the slots are in use; linear probing.
  std::vector<uint8_t, HugePageAllocator<uint8_t>> d_tags; // 0: empty; else some bits of the name's hash
  std::vector<uint32_t, HugePageAllocator<uint32_t>> d_handles;
  size_t d_size{0};
};

} // namespace caapolicy
