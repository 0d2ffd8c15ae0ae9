// SPDX-License-Identifier: GPL-2.0-or-later
//
// Walks over names in the order of their hashes, up and down from a place, for HashedListed and HashedZone.
#pragma once

#include "policy/name.hh"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace caapolicy {

using NameHash = std::array<unsigned char, 20>; // SHA-1, before it is written as base32hex, which sorts alike
using HashFunction = std::function<NameHash(WireName)>;

// Says whether a name (wire form) is in the zone now.
using AcceptsName = std::function<bool(WireName)>;

struct HashedName {
  NameHash hash;
  std::string name; // wire form
};

// Of hashes, from none or one to none or another. Whether the bounds are in it depends on the search.
struct HashRange {
  const NameHash* from;
  const NameHash* end;
};

// `blocks` are pointers to what has `entries`, which have a `hash`; all in order. `passesOver(block)`: nothing in it is of interest.
// `take(entry)` gives a HashedName, or nothing to go on. `noteBarren(block)` is told of blocks of which no entry was taken.

// The first with from < hash < end.
template <typename Blocks, typename PassesOver, typename Take, typename NoteBarren>
std::optional<HashedName> firstTaken(const Blocks& blocks, const HashRange& range, PassesOver passesOver, Take take, NoteBarren noteBarren)
{
  auto block = blocks.begin();
  if (range.from != nullptr) {
    block = std::partition_point(block, blocks.end(), [&](const auto& one) { return one->entries.back().hash <= *range.from; });
  }
  for (; block != blocks.end(); ++block) {
    const auto& entries = (*block)->entries;
    if (range.end != nullptr && *range.end <= entries.front().hash) {
      break;
    }
    if (passesOver(**block)) {
      continue;
    }
    bool whole = true;
    for (const auto& entry : entries) {
      if ((range.from != nullptr && entry.hash <= *range.from) || (range.end != nullptr && *range.end <= entry.hash)) {
        whole = false;
      }
      else if (auto found = take(entry)) {
        return found;
      }
    }
    if (whole) {
      noteBarren(**block);
    }
  }
  return std::nullopt;
}

// The last with from < hash <= end.
template <typename Blocks, typename PassesOver, typename Take, typename NoteBarren>
std::optional<HashedName> lastTaken(const Blocks& blocks, const HashRange& range, PassesOver passesOver, Take take, NoteBarren noteBarren)
{
  auto block = blocks.end();
  if (range.end != nullptr) {
    block = std::partition_point(blocks.begin(), block, [&](const auto& one) { return one->entries.front().hash <= *range.end; });
  }
  while (block != blocks.begin()) {
    --block;
    const auto& entries = (*block)->entries;
    if (range.from != nullptr && entries.back().hash <= *range.from) {
      break;
    }
    if (passesOver(**block)) {
      continue;
    }
    bool whole = true;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if ((range.from != nullptr && entry->hash <= *range.from) || (range.end != nullptr && *range.end < entry->hash)) {
        whole = false;
      }
      else if (auto found = take(*entry)) {
        return found;
      }
    }
    if (whole) {
      noteBarren(**block);
    }
  }
  return std::nullopt;
}

// A number, and until when it counts: that a walk need not look at a block again.
class BarrenNote {
public:
  static uint64_t make(uint32_t number, int64_t until) { return static_cast<uint64_t>(until) << 32 | number; }
  static bool holds(uint64_t note, uint32_t number, int64_t now)
  {
    return static_cast<uint32_t>(note) == number && static_cast<uint64_t>(now) < note >> 32;
  }
};

} // namespace caapolicy
