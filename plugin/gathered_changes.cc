// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/gathered_changes.hh"

#include <algorithm>

namespace caapolicy {

namespace {

// Up to here just the names that changed lose what caches have of them. A subtree costs a look into each of some two thousand maps, more
// than a millisecond in all; a name two of them.
constexpr size_t kManySubtrees = 64;
constexpr size_t kManyNames = 10'000;

bool areMany(const std::vector<Snapshot::Change>& changes)
{
  const auto subtrees = std::count_if(changes.begin(), changes.end(), [](const auto& change) { return change.below; });
  return static_cast<size_t>(subtrees) > kManySubtrees || changes.size() > kManyNames;
}

Name topmostGoverned(const Name& name, const Snapshot& snapshot)
{
  WireName top = name.wire();
  for (WireName above = top; above.size() > 1;) {
    above = parentOf(above);
    if (snapshot.find(above).governed()) {
      top = above;
    }
  }
  return Name::fromWire(top);
}

} // namespace

std::vector<Snapshot::Change> gathered(std::vector<Snapshot::Change> changes, const Snapshot& snapshot)
{
  if (!areMany(changes)) {
    return changes;
  }
  std::vector<Snapshot::Change> subtrees;
  for (const auto& change : changes) {
    // In canonical order what is in one subtree stands together.
    if (subtrees.empty() || !isAtOrBelow(change.name.wire(), subtrees.back().name.wire())) {
      subtrees.push_back({topmostGoverned(change.name, snapshot), true});
    }
  }
  return subtrees;
}

} // namespace caapolicy
