// SPDX-License-Identifier: GPL-2.0-or-later
//
// Finds one's way in a Policy by name: which subtree governs, what lies above it, what reaches down to a name.
// Points into the policy, which must outlive it and stay as it is. Any thread may read it.
#pragma once

#include "model.hh"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

// A grant with what holds it: an approval, or the `allow` of a subtree.
struct GrantSource {
  const Grant* grant{nullptr};
  const Approval* approval{nullptr}; // null: from the subtree's `allow`
  const Subtree* subtree{nullptr};   // null: from the approval

  const Name& name() const { return approval != nullptr ? approval->name : subtree->name; }
};

class PolicyIndex {
public:
  explicit PolicyIndex(const Policy& policy);

  // The subtree that is declared at this very name, or null.
  const Subtree* subtreeAt(WireName name) const;
  // The nearest subtree at or above the name, or null.
  const Subtree* governing(WireName name) const;
  // The nearest subtree above the name itself, or null.
  const Subtree* above(WireName name) const;
  // A subtree at or above the name waits for its file: nothing is granted there.
  bool denied(WireName name) const;
  // The first subtree below the name, in canonical order, that doesn't inherit; or null.
  const Subtree* firstCutBelow(const Name& name) const;

  // What takes effect at the name, and at every name below it that is in reach of the name, for a CA: the approvals
  // of the name itself, the approvals with `subtree: true` above it, and each `allow`, as far as `inherit` lets them come.
  std::vector<GrantSource> reaching(WireName name, std::string_view ca) const;
  // Likewise for all CAs, but only what comes from above the subtree.
  std::vector<GrantSource> inheritedBy(const Subtree& subtree) const;

private:
  struct Holder {
    const Subtree* subtree{nullptr};
    std::vector<const Approval*> approvals;
    std::unordered_map<std::string_view, std::vector<GrantSource>> byCa;
  };
  const Holder* holderAt(WireName name) const;

  std::unordered_map<std::string_view, Holder> d_holders; // by wire form
  std::vector<const Subtree*> d_cuts;                     // those that don't inherit, in canonical order
};

} // namespace caapolicy
