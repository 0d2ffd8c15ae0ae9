// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a snapshot knows of each name, in one piece of memory a name, so that a lookup among a million touches few cache lines. The
// pieces ("nodes") lie in chunks that successive snapshots share: a changed policy costs memory for the changed names alone.
//
// One thread fills a store; then it is const, and any thread may read it.
#pragma once

#include "clock.hh"
#include "huge_pages.hh"
#include "name.hh"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace caapolicy {

inline constexpr uint32_t kNone = UINT32_MAX;
inline constexpr uint32_t kNoSet = INT32_MAX;

// What holds at a name from an instant to that of the next segment.
struct Segment {
  Instant from;
  uint32_t own;            // index of the set of the name itself; kNoSet where it is not governed
  uint32_t child : 31;     // of an unlisted child, likewise
  uint32_t published : 1;

  bool sameAs(const Segment& other) const { return own == other.own && child == other.child && published == other.published; }
};

// An approval of the name.
struct ApprovalRef {
  uint32_t slot;  // in Snapshot::d_slots
  uint32_t index; // in its list
};

class Node {
public:
  WireName name() const { return {reinterpret_cast<const char*>(this) + sizeof(Node), d_nameLength}; }
  // In order of time; the first begins at the beginning of time.
  std::span<const Segment> segments() const { return {reinterpret_cast<const Segment*>(afterName()), d_segmentCount}; }
  std::span<const ApprovalRef> approvals() const { return {reinterpret_cast<const ApprovalRef*>(afterName() + d_segmentCount * sizeof(Segment)), d_approvalCount}; }
  uint32_t subtree() const { return d_subtree; } // governing, index in Policy::subtrees; kNone
  bool isDeclared() const { return d_isDeclared; } // it is the root of its governing subtree
  bool isDenied() const { return d_isDenied; }     // at or below a subtree that is denied as a whole
  // Of its approvals, one reaches the names below.
  bool reachesBelow() const { return d_reachesBelow; }

private:
  friend class NodeStore;
  const char* afterName() const { return reinterpret_cast<const char*>(this) + sizeof(Node) + (d_nameLength + 7U) / 8 * 8; }

  uint32_t d_subtree;
  uint32_t d_segmentCount;
  uint32_t d_approvalCount;
  uint8_t d_nameLength;
  bool d_isDeclared : 1, d_isDenied : 1, d_reachesBelow : 1;
  uint16_t d_unused;
};

class NodeStore {
public:
  struct Content {
    WireName name;
    uint32_t subtree{kNone};
    bool isDeclared{false};
    bool isDenied{false};
    bool reachesBelow{false};
    std::span<const Segment> segments;
    std::span<const ApprovalRef> approvals;
  };

  const Node& operator[](uint32_t handle) const { return *reinterpret_cast<const Node*>(d_begins[handle >> kShift] + (handle & kMask)); }

  // The handle of the new node. Throws std::length_error when 32 GiB of nodes are there.
  uint32_t add(const Content& content);
  // The node will not be asked for any more; its memory goes with its chunk.
  void drop(uint32_t handle) { d_dropped += sizeOf((*this)[handle]); }
  // Ends the filling of this store. A copy of it can be filled on.
  void seal();

  // More is dropped than is in use, or there are too many small chunks: a store made anew would be better.
  bool isWasteful() const { return d_dropped > d_used / 2 || d_chunks.size() > d_used / kMask + kMaxSmallChunks; }

private:
  using Chunk = std::vector<uint64_t, HugePageAllocator<uint64_t>>;
  static constexpr uint32_t kShift = 18; // a chunk has room for 2^18 units of 8 bytes, or one larger node
  static constexpr uint32_t kMask = (1U << kShift) - 1;
  static constexpr size_t kFirstRoom = 1024; // each next chunk has twice as much, up to a whole one
  static constexpr size_t kMaxSmallChunks = 1000;

  static size_t sizeOf(const Node& node);

  std::vector<std::shared_ptr<Chunk>> d_chunks;
  std::vector<const uint64_t*> d_begins; // of each chunk: a lookup goes there in one step
  bool d_isOpen{false};                  // the last chunk may be added to
  size_t d_room{kFirstRoom};             // of the next chunk, units
  size_t d_used{0};        // units, all in all
  size_t d_dropped{0};     // of these
};

} // namespace caapolicy
