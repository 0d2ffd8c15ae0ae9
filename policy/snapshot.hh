// SPDX-License-Identifier: GPL-2.0-or-later
//
// The compiled policy: const, non-copyable, shared by all threads without locks. Given a name and an instant it
// gives S(name), the CAA record set of that name, in a few hash lookups and without allocating.
//
// The tree has a node for each name that the policy speaks of (subtree roots and approvals) and for all their
// ancestors. Approvals that begin or end are in here as time lines, so that a snapshot is right at any instant
// and a grant ends on its second without anybody doing anything.
//
// Snapshots are made by a Compiler (compile.hh). One that differs little from the one before it shares most of its memory.
#pragma once

#include "clock.hh"
#include "grant_source.hh"
#include "model.hh"
#include "name.hh"
#include "name_table.hh"
#include "node_store.hh"
#include "record_set.hh"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace caapolicy {

class Snapshot {
public:
  // Costs a pass over all subtrees and approvals. Compiler is for those who compile again and again.
  static std::shared_ptr<const Snapshot> compile(std::shared_ptr<const Policy> policy);

  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // What the policy says of a name: found once for a query, then asked.
  class View {
  public:
    // False: no subtree of the policy is at or above the name, and its CAA is none of our business.
    bool governed() const { return d_subtree != kNone; }
    // The policy speaks of this very name, or of a name below it.
    bool listed() const { return d_exact; }

  private:
    friend class Snapshot;
    uint32_t d_node{kNone};    // handle of the nearest node at or above the name
    uint32_t d_subtree{kNone}; // index in Policy::subtrees of the governing subtree
    bool d_exact{false};       // the node is the name itself
  };

  struct Answer {
    const RecordSet* set; // lives as long as the snapshot
    uint32_t setIndex;    // its index among the record sets
    uint32_t ttl;         // as configured, seconds; not yet cut by `changes`
    Instant changes;      // the first instant at which this answer will be another; kEndOfTime: never
  };

  // `name` is a wire form in any case. Finding a name does not depend on time.
  View find(WireName name) const noexcept;
  // Ahead of a find(): see NameTable::fetch().
  size_t fetch(WireName name) const noexcept;
  void fetch(size_t hash) const noexcept { d_table.fetch(hash, d_nodes); }

  // S(name) of the name that the view is of. Only for a governed name.
  Answer own(const View& view, Instant now) const noexcept;
  // S of a child of that name which the policy does not list: what `*.name` carries.
  Answer child(const View& view, Instant now) const noexcept;
  // Must the name be in its zone now? True for a subtree root, for a name with a live approval, and for all
  // their ancestors (which may themselves not be governed).
  bool published(const View& view, Instant now) const noexcept;
  // Are aliases (CNAME) at this name to be served as the addresses of their targets?
  bool flattens(const View& view) const noexcept;

  // The subtree that governs the name. Only for a governed name.
  const Subtree& governing(const View& view) const noexcept { return d_policy->subtrees[view.d_subtree]; }
  // Is the name at or below a subtree that is denied as a whole?
  bool denied(const View& view) const noexcept { return d_nodes[view.d_node].isDenied(); }

  // Every name that is or will be published at some time, with its ancestors up to the root, in canonical order: how many
  // there are, each one, and the first that sorts after `name`.
  struct Listed { WireName name; View view; };
  size_t listedCount() const { return d_order.size(); }
  WireName listedAt(size_t index) const { return node(index).name(); }
  Listed listed(size_t index) const;
  size_t listedAfter(WireName name) const;
  // The first of the listed names at or below `ancestor`, and the first after them.
  std::pair<size_t, size_t> listedWithin(WireName ancestor) const;
  // All of those.
  std::vector<Listed> listedAtOrBelow(WireName ancestor) const;

  // The record sets, each once. Indexes are stable for the life of the snapshot, and a snapshot that shares memory with
  // an earlier one has the sets of that one at the same indexes.
  size_t recordSetCount() const { return d_sets.size(); }
  const std::shared_ptr<const RecordSet>& recordSet(size_t index) const { return d_sets[index]; }

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
  // The names that `before` lists and this one doesn't, in canonical order.
  std::vector<Name> noMore(const Snapshot& before) const;

  // Why S(name) is what it is.
  struct Reason {
    const Subtree* subtree{nullptr};  // governing
    std::vector<GrantSource> sources; // live grants
  };
  Reason explain(WireName name, Instant now) const;

  // The approvals of this very name, in the order of files and places.
  std::vector<std::shared_ptr<const Approval>> approvalsOf(WireName name) const;
  // What the snapshot knows of a name that it lists; null: it doesn't. For those who look at a policy as a whole.
  const Node* findNode(WireName name) const noexcept;
  const Node& node(size_t index) const { return d_nodes[d_order[index]]; }
  // Where an approval of a node is.
  const PlacedApprovals& placed(const ApprovalRef& ref) const { return d_slots[ref.slot]; }

  struct Counts {
    size_t names{0};      // listed
    size_t subtrees{0};
    size_t approvals{0};
    size_t live{0};       // approvals live now
    size_t expiring{0};   // live ones that end within 7 days
  };
  Counts count(Instant now) const;

  const Policy& policy() const { return *d_policy; }
  // Made in so many steps from earlier ones that one made anew would be better.
  bool isWasteful() const { return d_nodes.isWasteful(); }

  // The canonical dump of the compiled form: one line for each node and segment, for golden tests.
  std::string dump() const;

private:
  friend class Compilation;
  Snapshot() = default;

  const Segment& segmentAt(const Node& node, Instant now) const noexcept;
  template <typename Field>
  Answer answer(const View& view, Instant now, Field field) const noexcept;
  // Calls `visit` with each name that both list or one does, but for those that are sure to mean the same.
  template <typename Visit>
  void forEachOther(const Snapshot& before, Visit visit) const;
  bool sameName(const View& mine, const Snapshot& before, const View& theirs, Instant now) const;
  // Every grant that holds at some time for a node's name (`own`) or for an unlisted child of it.
  std::vector<GrantSource> sourcesOf(const Node& node, bool own) const;

  std::shared_ptr<const Policy> d_policy;
  std::vector<Inherited> d_settings;    // of each subtree, with what it inherits
  std::vector<PlacedApprovals> d_slots; // the files with approvals; one that is gone leaves its place empty
  NodeStore d_nodes;
  NameTable d_table;
  std::vector<uint32_t, HugePageAllocator<uint32_t>> d_order; // handles of all nodes, in canonical order of their names; the root is always there
  std::vector<std::shared_ptr<const RecordSet>> d_sets;
  // When nodes change, and which: instant and handle, ordered.
  std::vector<Instant, HugePageAllocator<Instant>> d_changeTimes;
  std::vector<uint32_t, HugePageAllocator<uint32_t>> d_changeNodes;
  size_t d_names{0}; // nodes that are declared or have approvals
};

} // namespace caapolicy
