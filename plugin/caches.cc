// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/caches.hh"

#include "plugin/zone_facts.hh"

#include <algorithm>
#include <set>

namespace caapolicy {

namespace {

// Each subtree costs a look into all of the caches' maps: from here on it is cheaper to begin anew. Many names come as a few subtrees,
// see gathered_changes.hh.
constexpr size_t kPurgeAll = 100;

} // namespace

void purgeCaches(const std::vector<Snapshot::Change>& changes)
{
  const auto subtrees = std::count_if(changes.begin(), changes.end(), [](const auto& change) { return change.below; });
  if (static_cast<size_t>(subtrees) > kPurgeAll) {
    purgeAuthCaches();
    return;
  }
  std::set<DNSName> exact; // one of those above is the zone's apex
  for (const auto& change : changes) {
    const DNSName name = toDnsName(change.name.wire());
    exact.insert(name);
    for (DNSName ancestor(name); ancestor.chopOff() && !ancestor.isRoot() && exact.insert(ancestor).second;) {
    }
    if (const auto wildcard = wildcardBelow(name)) {
      exact.insert(*wildcard);
    }
  }
  // First, as subtrees take their time when a lot of them is cached.
  for (const auto& name : exact) {
    purgeAuthCachesExact(name);
  }
  for (const auto& change : changes) {
    if (change.below) {
      purgeAuthCaches(toDnsName(change.name.wire()).toString() + "$");
    }
  }
}

} // namespace caapolicy
