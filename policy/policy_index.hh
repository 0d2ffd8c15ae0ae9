// SPDX-License-Identifier: GPL-2.0-or-later
//
// Finds one's way in a compiled policy by name: which subtree governs, what lies above it, what reaches down to a name.
// The snapshot must outlive it. It remembers what it unpacked last: one thread uses it at a time.
#pragma once

#include "grant_source.hh"
#include "snapshot.hh"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class PolicyIndex {
public:
  explicit PolicyIndex(const Snapshot& snapshot);

  // The subtree that is declared at this very name, or null.
  const Subtree* subtreeAt(WireName name) const;
  // The nearest subtree at or above the name, or null.
  const Subtree* governing(WireName name) const;
  // The nearest subtree above the name itself, or null.
  const Subtree* above(WireName name) const { return isRoot(name) ? nullptr : governing(parentOf(name)); }
  // A subtree at or above the name waits for its file: nothing is granted there.
  bool denied(WireName name) const { return d_snapshot.denied(d_snapshot.find(name)); }
  // The first subtree below the name, in canonical order, that doesn't inherit; or null.
  const Subtree* firstCutBelow(const Name& name) const;

  // The approvals of this very name.
  const std::vector<std::shared_ptr<const Approval>>& approvalsAt(WireName name) { return exactAt(name).approvals; }
  // Of what takes effect at the name, and at every name below it that is in reach of the name, for a CA (the approvals of
  // the name itself, the approvals with `subtree: true` above it, and each `allow`, as far as `inherit` lets them come), the
  // first that is wanted.
  std::optional<GrantSource> findReaching(WireName name, std::string_view ca, const std::function<bool(const GrantSource&)>& isWanted);
  // Does anything at all take effect at the names below that one?
  bool reachesBelow(WireName name) const;
  // What reaches a subtree from above it, for all CAs.
  std::vector<GrantSource> inheritedBy(const Subtree& subtree);

private:
  struct Holder {
    std::vector<std::shared_ptr<const Approval>> approvals;
    std::unordered_map<std::string_view, std::vector<GrantSource>> byCa;
  };
  Holder holderOf(const Node& node) const;
  const Holder& exactAt(WireName name);
  const Holder& reachingAt(const Node& node);

  const Snapshot& d_snapshot;
  std::vector<const Subtree*> d_cuts; // those that don't inherit, in canonical order
  std::string d_exactName;            // d_exact is of this name; empty: of none
  Holder d_exact;
  std::unordered_map<std::string_view, Holder> d_reaching; // by wire form: names from which something reaches others
};

} // namespace caapolicy
