// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile.hh"

#include "compilation.hh"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace caapolicy {

namespace {

std::vector<Subtree> withoutPlaces(std::vector<Subtree> subtrees)
{
  for (Subtree& subtree : subtrees) {
    subtree.where = {};
    for (Grant& grant : subtree.allow) {
      grant.where = {};
    }
    if (subtree.limits) {
      Limits& limits = *subtree.limits;
      limits.where = limits.issuersWhere = limits.requireWhere = limits.wildcardWhere = limits.lifetimeWhere = {};
    }
  }
  return subtrees;
}

// The same but for approvals: what a node means that has none under one policy, it means under the other.
bool isSameAround(const Policy& left, const Policy& right)
{
  return left.defaults == right.defaults && withoutPlaces(left.subtrees) == withoutPlaces(right.subtrees);
}

// The files that both have come in the same order, and so do the approvals of a name that are in several of them.
bool keepsOrder(const Policy& before, const Policy& after)
{
  std::unordered_map<const FileApprovals*, size_t> positions;
  for (const PlacedApprovals& placed : before.approvals) {
    positions.emplace(placed.approvals.get(), positions.size());
  }
  size_t next = 0;
  for (const PlacedApprovals& placed : after.approvals) {
    if (const auto found = positions.find(placed.approvals.get()); found != positions.end()) {
      if (found->second < next) {
        return false;
      }
      next = found->second;
    }
  }
  return true;
}

// Of the approvals of both, more are not in files that both have than are. Then it takes less time, and much less memory, to begin
// from nothing; with few of them either does.
bool isMostlyOther(const Policy& before, const Policy& after)
{
  constexpr size_t kMany = 100'000;
  std::unordered_set<const FileApprovals*> known;
  size_t same = 0, other = 0;
  for (const PlacedApprovals& placed : before.approvals) {
    known.insert(placed.approvals.get());
    other += placed.approvals->list().size();
  }
  for (const PlacedApprovals& placed : after.approvals) {
    const size_t size = placed.approvals->list().size();
    if (known.count(placed.approvals.get()) != 0) {
      same += size;
      other -= size;
    }
    else {
      other += size;
    }
  }
  return other > std::max(same, kMany);
}

} // namespace

Compiled Compiler::compile(std::shared_ptr<const Policy> policy)
{
  for (const PlacedApprovals& placed : policy->approvals) {
    d_pools.insert(placed.approvals->pool());
  }
  const bool canTake = d_base != nullptr && !d_base->isWasteful() && isSameAround(d_base->policy(), *policy) && keepsOrder(d_base->policy(), *policy)
    && !isMostlyOther(d_base->policy(), *policy);
  static const KnownSets none;
  return compileOn(canTake ? d_base.get() : nullptr, canTake ? d_known : none, std::move(policy), d_allowed);
}

void Compiler::adopt(Compiled compiled)
{
  d_base = std::move(compiled.snapshot);
  if (compiled.whole) {
    d_known = std::move(compiled.newSets);
    d_pools.clear(); // those of policies before are spoken of no longer
    for (const PlacedApprovals& placed : d_base->policy().approvals) {
      d_pools.insert(placed.approvals->pool());
    }
  }
  else {
    d_known.byGrants.merge(compiled.newSets.byGrants);
    d_known.byContent.merge(compiled.newSets.byContent);
  }
}

std::shared_ptr<const Snapshot> Snapshot::compile(std::shared_ptr<const Policy> policy) { return Compiler().compile(std::move(policy)).snapshot; }

} // namespace caapolicy
