// SPDX-License-Identifier: GPL-2.0-or-later
//
// Many changes as a few: to purge caches for each of a hundred thousand approvals that end in the same second takes longer than to
// purge them for the subtree that they are in, and so it is with the versions of zones.
//
// Any thread may call it.
#pragma once

#include "policy/snapshot.hh"

#include <vector>

namespace caapolicy {

// The changes as they are or, where there are many, those of whole governed subtrees that they are in. `changes` are in canonical order;
// `snapshot` is the policy that is served now.
std::vector<Snapshot::Change> gathered(std::vector<Snapshot::Change> changes, const Snapshot& snapshot);

} // namespace caapolicy
