// SPDX-License-Identifier: GPL-2.0-or-later
#include "name_table.hh"

#include <algorithm>

namespace caapolicy {

namespace {

// Never 0, which is an empty slot. Of other bits than those that choose the slot.
uint8_t tagOf(size_t hash)
{
  const auto bits = static_cast<uint8_t>(hash);
  return bits == 0 ? uint8_t{1} : bits;
}

} // namespace

void NameTable::reserve(size_t names, const NodeStore& nodes)
{
  resize(std::max<size_t>(kFewest, names + names / 2), nodes);
}

void NameTable::resize(size_t slots, const NodeStore& nodes)
{
  NameTable larger(slots);
  for (size_t at = 0; at < d_tags.size(); ++at) {
    if (d_tags[at] != 0) {
      larger.put(d_handles[at], nodes);
    }
  }
  *this = std::move(larger);
}

size_t NameTable::slotOf(WireName name, size_t hash, const NodeStore& nodes) const noexcept
{
  const uint8_t tag = tagOf(hash);
  size_t at = homeOf(hash);
  for (; d_tags[at] != 0; at = after(at)) {
    if (d_tags[at] == tag) {
      const Node& node = nodes[d_handles[at]];
      // What is asked next of it lies in the next cache line: to be fetched along with this one, not after it.
      __builtin_prefetch(reinterpret_cast<const char*>(&node) + 64);
      if (node.name() == name) {
        break;
      }
    }
  }
  return at;
}

size_t NameTable::fetch(WireName name) const noexcept
{
  const size_t hash = hashOf(name);
  __builtin_prefetch(&d_tags[homeOf(hash)]);
  __builtin_prefetch(&d_handles[homeOf(hash)]);
  return hash;
}

void NameTable::fetch(size_t hash, const NodeStore& nodes) const noexcept
{
  size_t at = homeOf(hash);
  while (d_tags[at] != 0 && d_tags[at] != tagOf(hash)) {
    at = after(at);
  }
  if (d_tags[at] != 0) { // nearly always the one
    const char* const node = reinterpret_cast<const char*>(&nodes[d_handles[at]]);
    __builtin_prefetch(node);
    __builtin_prefetch(node + 64);
  }
}

uint32_t NameTable::find(WireName name, const NodeStore& nodes) const noexcept
{
  const size_t hash = fetch(name); // the two tables are read at the same time
  const size_t at = slotOf(name, hash, nodes);
  return d_tags[at] == 0 ? kNone : d_handles[at];
}

void NameTable::put(uint32_t handle, const NodeStore& nodes)
{
  const WireName name = nodes[handle].name();
  const size_t hash = hashOf(name);
  size_t at = slotOf(name, hash, nodes);
  if (d_tags[at] == 0 && ++d_size * 4 > d_tags.size() * 3) {
    resize(d_tags.size() + d_tags.size() / 4, nodes);
    ++d_size;
    at = slotOf(name, hash, nodes);
  }
  d_tags[at] = tagOf(hash);
  d_handles[at] = handle;
}

void NameTable::erase(WireName name, const NodeStore& nodes)
{
  size_t hole = slotOf(name, hashOf(name), nodes);
  if (d_tags[hole] == 0) {
    return;
  }
  --d_size;
  // Whatever was pushed on past the hole moves back into it, so that no search ends too early.
  for (size_t next = after(hole); d_tags[next] != 0; next = after(next)) {
    const size_t home = homeOf(hashOf(nodes[d_handles[next]].name()));
    if (distance(home, next) >= distance(hole, next)) {
      d_tags[hole] = d_tags[next];
      d_handles[hole] = d_handles[next];
      hole = next;
    }
  }
  d_tags[hole] = 0;
}

} // namespace caapolicy
