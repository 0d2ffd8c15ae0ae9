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

  // Room for so many names.
  void reserve(size_t names, const NodeStore& nodes);
  // The handle of a name's node, or kNone. `name` is canonical.
  uint32_t find(WireName name, const NodeStore& nodes) const noexcept;
  // Sets the node of a name that `nodes` has it for.
  void put(uint32_t handle, const NodeStore& nodes);
  void erase(WireName name, const NodeStore& nodes);

  size_t size() const { return d_size; }

private:
  static constexpr size_t kFewest = 8;

  explicit NameTable(size_t slots) : d_tags(slots), d_handles(slots) {}

  static size_t hashOf(WireName name) noexcept { return std::hash<std::string_view>{}(name); }
  size_t mask() const { return d_tags.size() - 1; }
  // Where the name is, or the empty slot where it would be put.
  size_t slotOf(WireName name, size_t hash, const NodeStore& nodes) const noexcept;
  void resize(size_t slots, const NodeStore& nodes);

  // A power of two of slots, at most three quarters in use; linear probing.
  std::vector<uint8_t, HugePageAllocator<uint8_t>> d_tags; // 0: empty; else some bits of the name's hash
  std::vector<uint32_t, HugePageAllocator<uint32_t>> d_handles;
  size_t d_size{0};
};

} // namespace caapolicy
