// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy_index.hh"

#include <algorithm>

namespace caapolicy {

namespace {

bool isForBelow(const GrantSource& source)
{
  return source.approval == nullptr || source.approval->subtree;
}

} // namespace

PolicyIndex::PolicyIndex(const Snapshot& snapshot) : d_snapshot(snapshot)
{
  for (const Subtree& subtree : snapshot.policy().subtrees) {
    if (!subtree.inherit) {
      d_cuts.push_back(&subtree);
    }
  }
}

const Subtree* PolicyIndex::subtreeAt(WireName name) const
{
  const Node* node = d_snapshot.findNode(name);
  return node != nullptr && node->isDeclared() ? &d_snapshot.policy().subtrees[node->subtree()] : nullptr;
}

const Subtree* PolicyIndex::governing(WireName name) const
{
  const auto view = d_snapshot.find(name);
  return view.governed() ? &d_snapshot.governing(view) : nullptr;
}

const Subtree* PolicyIndex::firstCutBelow(const Name& name) const
{
  const auto after = std::upper_bound(d_cuts.begin(), d_cuts.end(), name,
                                      [](const Name& wanted, const Subtree* subtree) { return wanted < subtree->name; });
  // In canonical order, what is below a name comes directly after it.
  return after != d_cuts.end() && isAtOrBelow((*after)->name.wire(), name.wire()) ? *after : nullptr;
}

PolicyIndex::Holder PolicyIndex::holderOf(const Node& node) const
{
  Holder holder;
  if (node.isDeclared()) {
    const Subtree& subtree = d_snapshot.policy().subtrees[node.subtree()];
    for (const Grant& grant : subtree.allow) {
      holder.byCa[grant.issuer.ca].push_back({&grant, nullptr, &subtree});
    }
  }
  holder.approvals = d_snapshot.approvalsOf(node.name());
  for (const auto& approval : holder.approvals) {
    for (const Grant& grant : approval->grants) {
      holder.byCa[grant.issuer.ca].push_back({&grant, approval, nullptr});
    }
  }
  return holder;
}

const PolicyIndex::Holder& PolicyIndex::exactAt(WireName name)
{
  if (d_exactName != name) {
    const Node* node = d_snapshot.findNode(name);
    d_exact = node == nullptr ? Holder{} : holderOf(*node);
    d_exactName = name;
  }
  return d_exact;
}

const PolicyIndex::Holder& PolicyIndex::reachingAt(const Node& node)
{
  const auto found = d_reaching.find(node.name());
  return found != d_reaching.end() ? found->second : d_reaching.emplace(node.name(), holderOf(node)).first->second;
}

std::optional<GrantSource> PolicyIndex::findReaching(WireName name, std::string_view ca, const std::function<bool(const GrantSource&)>& isWanted)
{
  for (bool here = true;; here = false) {
    const Node* node = d_snapshot.findNode(name);
    if (node != nullptr && (here || node->isDeclared() || node->reachesBelow())) {
      const Holder& holder = here ? exactAt(name) : reachingAt(*node);
      if (const auto found = holder.byCa.find(ca); found != holder.byCa.end()) {
        const auto wanted = std::find_if(found->second.begin(), found->second.end(),
                                         [&](const GrantSource& source) { return (here || isForBelow(source)) && isWanted(source); });
        if (wanted != found->second.end()) {
          return *wanted;
        }
      }
      if (node->isDeclared() && !d_snapshot.policy().subtrees[node->subtree()].inherit) {
        return std::nullopt;
      }
    }
    if (isRoot(name)) {
      return std::nullopt;
    }
    name = parentOf(name);
  }
}

bool PolicyIndex::reachesBelow(WireName name) const
{
  for (;; name = parentOf(name)) {
    const Node* node = d_snapshot.findNode(name);
    if (node != nullptr && node->reachesBelow()) {
      return true;
    }
    const Subtree* subtree = subtreeAt(name);
    if (subtree != nullptr && (!subtree->allow.empty() || !subtree->inherit)) {
      return !subtree->allow.empty();
    }
    if (isRoot(name)) {
      return false;
    }
  }
}

std::vector<GrantSource> PolicyIndex::inheritedBy(const Subtree& subtree)
{
  std::vector<GrantSource> sources;
  WireName name = subtree.name.wire();
  bool open = subtree.inherit;
  while (open && !isRoot(name)) {
    name = parentOf(name);
    const Node* node = d_snapshot.findNode(name);
    if (node == nullptr || (!node->isDeclared() && !node->reachesBelow())) {
      continue;
    }
    for (const auto& approval : reachingAt(*node).approvals) {
      if (approval->subtree) {
        for (const Grant& grant : approval->grants) {
          sources.push_back({&grant, approval, nullptr});
        }
      }
    }
    if (const Subtree* declared = subtreeAt(name)) {
      for (const Grant& grant : declared->allow) {
        sources.push_back({&grant, nullptr, declared});
      }
      open = declared->inherit;
    }
  }
  return sources;
}

} // namespace caapolicy
