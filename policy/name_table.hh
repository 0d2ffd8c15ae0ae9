// SPDX-License-Identifier: GPL-2.0-or-later
//
// Name -> node: a hash table that is made for one lookup to touch one cache line, and for a copy of it to be a copy of memory.
//
// One thread fills a table; then it is const, and any thread may read it.
#pragma once

#include "node_store.hh"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace caapolicy {

class NameTable {
public:
  // Room for so many names, before any is there.
  void reserve(size_t names);
  // The handle of a name's node, or kNone. `name` is canonical.
  uint32_t find(WireName name, const NodeStore& nodes) const noexcept;
  // Sets the node of a name that `nodes` has it for.
  void put(uint32_t handle, const NodeStore& nodes);
  void erase(WireName name, const NodeStore& nodes);

  size_t size() const { return d_size; }

private:
  struct Slot {
    uint32_t hash{0};
    uint32_t handle{kNone}; // kNone: empty
  };

  static uint32_t hashOf(WireName name) noexcept { return static_cast<uint32_t>(std::hash<std::string_view>{}(name) >> 16); }
  size_t mask() const { return d_slots.size() - 1; }
  // Where the name is, or the empty slot where it would be put.
  size_t slotOf(WireName name, uint32_t hash, const NodeStore& nodes) const noexcept;
  void resize(size_t slots);

  std::vector<Slot> d_slots{std::vector<Slot>(8)}; // a power of two, at most three quarters in use; linear probing
  size_t d_size{0};
};

} // namespace caapolicy
