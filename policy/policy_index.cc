// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy_index.hh"

#include <algorithm>

namespace caapolicy {

namespace {

bool reachesBelow(const GrantSource& source)
{
  return source.approval == nullptr || source.approval->subtree;
}

} // namespace

PolicyIndex::PolicyIndex(const Policy& policy)
{
  for (const Subtree& subtree : policy.subtrees) {
    Holder& holder = d_holders[subtree.name.wire()];
    holder.subtree = &subtree;
    for (const Grant& grant : subtree.allow) {
      holder.byCa[grant.issuer.ca].push_back({&grant, nullptr, &subtree});
    }
    if (!subtree.inherit) {
      d_cuts.push_back(&subtree);
    }
  }
  for (const Approval& approval : policy.approvals) {
    Holder& holder = d_holders[approval.name.wire()];
    holder.approvals.push_back(&approval);
    for (const Grant& grant : approval.grants) {
      holder.byCa[grant.issuer.ca].push_back({&grant, &approval, nullptr});
    }
  }
  std::sort(d_cuts.begin(), d_cuts.end(), [](const Subtree* a, const Subtree* b) { return a->name < b->name; });
}

const PolicyIndex::Holder* PolicyIndex::holderAt(WireName name) const
{
  const auto found = d_holders.find(name);
  return found == d_holders.end() ? nullptr : &found->second;
}

const Subtree* PolicyIndex::subtreeAt(WireName name) const
{
  const Holder* holder = holderAt(name);
  return holder == nullptr ? nullptr : holder->subtree;
}

const Subtree* PolicyIndex::governing(WireName name) const
{
  const Subtree* subtree = subtreeAt(name);
  return subtree != nullptr ? subtree : above(name);
}

const Subtree* PolicyIndex::above(WireName name) const
{
  while (!isRoot(name)) {
    name = parentOf(name);
    if (const Subtree* subtree = subtreeAt(name)) {
      return subtree;
    }
  }
  return nullptr;
}

bool PolicyIndex::denied(WireName name) const
{
  for (const Subtree* subtree = governing(name); subtree != nullptr; subtree = above(subtree->name.wire())) {
    if (subtree->denied) {
      return true;
    }
  }
  return false;
}

const Subtree* PolicyIndex::firstCutBelow(const Name& name) const
{
  const auto after = std::upper_bound(d_cuts.begin(), d_cuts.end(), name,
                                      [](const Name& wanted, const Subtree* subtree) { return wanted < subtree->name; });
  // In canonical order, what is below a name comes directly after it.
  return after != d_cuts.end() && isAtOrBelow((*after)->name.wire(), name.wire()) ? *after : nullptr;
}

std::vector<GrantSource> PolicyIndex::reaching(WireName name, std::string_view ca) const
{
  std::vector<GrantSource> sources;
  for (bool here = true;; here = false) {
    if (const Holder* holder = holderAt(name)) {
      if (const auto found = holder->byCa.find(ca); found != holder->byCa.end()) {
        std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(sources),
                     [here](const GrantSource& source) { return here || reachesBelow(source); });
      }
      if (holder->subtree != nullptr && !holder->subtree->inherit) {
        return sources;
      }
    }
    if (isRoot(name)) {
      return sources;
    }
    name = parentOf(name);
  }
}

std::vector<GrantSource> PolicyIndex::inheritedBy(const Subtree& subtree) const
{
  std::vector<GrantSource> sources;
  WireName name = subtree.name.wire();
  bool open = subtree.inherit;
  while (open && !isRoot(name)) {
    name = parentOf(name);
    const Holder* holder = holderAt(name);
    if (holder == nullptr) {
      continue;
    }
    for (const Approval* approval : holder->approvals) {
      if (approval->subtree) {
        for (const Grant& grant : approval->grants) {
          sources.push_back({&grant, approval, nullptr});
        }
      }
    }
    if (holder->subtree != nullptr) {
      for (const Grant& grant : holder->subtree->allow) {
        sources.push_back({&grant, nullptr, holder->subtree});
      }
      open = holder->subtree->inherit;
    }
  }
  return sources;
}

} // namespace caapolicy
