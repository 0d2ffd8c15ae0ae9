// SPDX-License-Identifier: GPL-2.0-or-later
#include "name_table.hh"

#include <algorithm>
#include <bit>

namespace caapolicy {

void NameTable::reserve(size_t names)
{
  resize(std::max<size_t>(8, std::bit_ceil(names * 4 / 3 + 1)));
}

void NameTable::resize(size_t slots)
{
  std::vector<Slot> old(slots);
  old.swap(d_slots);
  for (const Slot& slot : old) {
    if (slot.handle != kNone) {
      size_t at = slot.hash & mask();
      while (d_slots[at].handle != kNone) {
        at = (at + 1) & mask();
      }
      d_slots[at] = slot;
    }
  }
}

size_t NameTable::slotOf(WireName name, uint32_t hash, const NodeStore& nodes) const noexcept
{
  size_t at = hash & mask();
  while (d_slots[at].handle != kNone && (d_slots[at].hash != hash || nodes[d_slots[at].handle].name() != name)) {
    at = (at + 1) & mask();
  }
  return at;
}

uint32_t NameTable::find(WireName name, const NodeStore& nodes) const noexcept
{
  return d_slots[slotOf(name, hashOf(name), nodes)].handle;
}

void NameTable::put(uint32_t handle, const NodeStore& nodes)
{
  const WireName name = nodes[handle].name();
  const uint32_t hash = hashOf(name);
  size_t at = slotOf(name, hash, nodes);
  if (d_slots[at].handle == kNone && ++d_size * 4 > d_slots.size() * 3) {
    resize(d_slots.size() * 2);
    at = slotOf(name, hash, nodes);
  }
  d_slots[at] = {hash, handle};
}

void NameTable::erase(WireName name, const NodeStore& nodes)
{
  size_t hole = slotOf(name, hashOf(name), nodes);
  if (d_slots[hole].handle == kNone) {
    return;
  }
  --d_size;
  // Whatever was pushed on past the hole moves back into it, so that no search ends too early.
  for (size_t next = (hole + 1) & mask(); d_slots[next].handle != kNone; next = (next + 1) & mask()) {
    const size_t home = d_slots[next].hash & mask();
    if (((next - home) & mask()) >= ((next - hole) & mask())) {
      d_slots[hole] = d_slots[next];
      hole = next;
    }
  }
  d_slots[hole] = {};
}

} // namespace caapolicy
