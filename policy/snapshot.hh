// SPDX-License-Identifier: GPL-2.0-or-later
//
// The compiled policy: const, non-copyable, shared by all threads without locks. Given a name and an instant it
// gives S(name), the CAA record set of that name, in a few hash lookups and without allocating.
//
// The tree has a node for each name that the policy speaks of (subtree roots and approvals) and for all their
// ancestors. Approvals that begin or end are in here as time lines, so that a snapshot is right at any instant
// and a grant ends on its second without anybody doing anything.
#pragma once

#include "clock.hh"
#include "model.hh"
#include "name.hh"
#include "record_set.hh"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class Snapshot {
public:
  // Takes a checked policy. Costs a pass over all subtrees and approvals.
  static std::shared_ptr<const Snapshot> compile(std::shared_ptr<const Policy> policy);

  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  static constexpr uint32_t kNone = UINT32_MAX;

  // What the policy says of a name: found once for a query, then asked.
  class View {
  public:
    // False: no subtree of the policy is at or above the name, and its CAA is none of our business.
    bool governed() const { return d_subtree != kNone; }
    // The policy speaks of this very name, or of a name below it.
    bool listed() const { return d_exact; }

  private:
    friend class Snapshot;
    uint32_t d_node{kNone};    // the nearest node at or above the name
    uint32_t d_subtree{kNone}; // index in Policy::subtrees of the governing subtree
    bool d_exact{false};       // the node is the name itself
  };

  struct Answer {
    const RecordSet* set; // lives as long as the snapshot
    uint32_t setIndex;    // its index in recordSets()
    uint32_t ttl;         // as configured, seconds; not yet cut by `changes`
    Instant changes;      // the first instant at which this answer will be another; kEndOfTime: never
  };

  // `name` is a wire form in any case. Finding a name does not depend on time.
  View find(WireName name) const noexcept;

  // S(name) of the name that the view is of. Only for a governed name.
  Answer own(const View& view, Instant now) const noexcept;
  // S of a child of that name which the policy does not list: what `*.name` carries.
  Answer child(const View& view, Instant now) const noexcept;
  // Must the name be in its zone now? True for a subtree root, for a name with a live approval, and for all
  // their ancestors (which may themselves not be governed).
  bool published(const View& view, Instant now) const noexcept;
  // Are aliases (CNAME) at this name to be served as the addresses of their targets?
  bool flattens(const View& view) const noexcept;

  // Every name that is or will be published at some time, with its ancestors up to the root, in canonical order.
  struct Listed { WireName name; View view; };
  // The listed names at or below `ancestor`.
  std::vector<Listed> listedAtOrBelow(WireName ancestor) const;

  // The same names by their place in canonical order: how many there are, each one, and the first that sorts after `name`.
  size_t listedCount() const { return d_nodes.size(); }
  WireName listedAt(size_t index) const { return d_nodes[index].name.wire(); }
  size_t listedAfter(WireName name) const;

  // All record sets, each once. Indexes are stable for the life of the snapshot.
  const std::vector<RecordSet>& recordSets() const { return d_sets; }

  // The first instant after `now` at which any answer changes; kEndOfTime: never.
  Instant nextChange(Instant now) const noexcept;
  // The last instant up to `now` at which any answer changed; kBeginningOfTime: none.
  Instant lastChange(Instant now) const noexcept;
  struct Change {
    Name name;
    // True: the answers of the name and of everything below it may change. False: only whether the name and its
    // `*` child exist.
    bool below;
    bool operator==(const Change&) const = default;
  };
  // What changes in (after, upTo], in canonical order, without what is below a name that is listed with `below`.
  std::vector<Change> changesBetween(Instant after, Instant upTo) const;
  // Likewise where the answers of this snapshot at `now`, or how long they hold, differ from those of `before`.
  std::vector<Change> changesSince(const Snapshot& before, Instant now) const;

  // Why S(name) is what it is.
  struct Reason {
    const Subtree* subtree{nullptr}; // governing
    struct Source {
      const Grant* grant;
      const Approval* approval; // null: from an `allow`
    };
    std::vector<Source> sources; // live grants
  };
  Reason explain(WireName name, Instant now) const;

  struct Counts {
    size_t names{0};      // listed
    size_t subtrees{0};
    size_t approvals{0};
    size_t live{0};       // approvals live now
    size_t expiring{0};   // live ones that end within 7 days
  };
  Counts count(Instant now) const;

  const Policy& policy() const { return *d_policy; }

  // The canonical dump of the compiled form: one line for each node and segment, for golden tests.
  std::string dump() const;

private:
  friend class Compiler;
  Snapshot() = default;

  // What holds at a node from an instant to the next segment's.
  struct Segment {
    Instant from;
    uint32_t own;   // index in d_sets; kNone where not governed
    uint32_t child; // likewise
    bool published;
    bool sameAs(const Segment& other) const { return own == other.own && child == other.child && published == other.published; }
  };
  struct Node {
    Name name;
    uint32_t parent{kNone};  // index in d_nodes
    uint32_t subtree{kNone}; // governing, index in Policy::subtrees
    uint32_t ttl{kDefaultTtl};
    uint32_t firstSegment{0}, segmentCount{0};
    uint32_t firstApproval{0}, approvalCount{0}; // in Policy::approvals, those for this very name
    bool declared{false};                        // it is the root of its governing subtree
    bool denied{false};                          // at or below a subtree that is denied as a whole
  };

  const Segment& segmentAt(const Node& node, Instant now) const noexcept;
  Answer answer(const View& view, Instant now, uint32_t Segment::*field) const noexcept;
  bool sameName(const View& mine, const Snapshot& before, const View& theirs, Instant now) const;
  // Every grant that holds at some time for a node's name (`own`) or for an unlisted child of it.
  std::vector<Reason::Source> sourcesOf(uint32_t node, bool own) const;

  std::shared_ptr<const Policy> d_policy;
  std::vector<Node> d_nodes; // in canonical order: a parent comes before its children; the root is always there
  std::vector<Segment> d_segments;
  std::vector<RecordSet> d_sets;
  std::vector<std::pair<Instant, uint32_t>> d_changes;    // instant and node, ordered
  std::unordered_map<std::string_view, uint32_t> d_index; // wire form (in the node's name) -> node
};

} // namespace caapolicy
