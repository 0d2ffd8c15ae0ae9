// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/caches.hh"

#include "plugin/zone_facts.hh"

#include <set>

namespace caapolicy {

namespace {

// Each subtree costs a look into all of the caches' maps: from here on it is cheaper to begin anew.
constexpr size_t kPurgeAll = 1000;

} // namespace

void purgeCaches(const std::vector<Snapshot::Change>& changes)
{
  if (changes.size() > kPurgeAll) {
    purgeAuthCaches();
    return;
  }
  std::set<DNSName> above; // one of them is the zone's apex
  for (const auto& change : changes) {
    const DNSName name = toDnsName(change.name.wire());
    for (DNSName ancestor(name); ancestor.chopOff() && !ancestor.isRoot() && above.insert(ancestor).second;) {
    }
    if (change.below) {
      purgeAuthCaches(name.toString() + "$");
      continue;
    }
    purgeAuthCachesExact(name);
    if (const auto wildcard = wildcardBelow(name)) {
      purgeAuthCachesExact(*wildcard);
    }
  }
  for (const auto& name : above) {
    purgeAuthCachesExact(name);
  }
}

} // namespace caapolicy
