// SPDX-License-Identifier: GPL-2.0-or-later
//
// PowerDNS's packet and query caches, emptied for the names whose answers changed, and for the
// SOA records of their zones. Any thread may call this.
#pragma once

#include "policy/snapshot.hh"

#include <vector>

namespace caapolicy {

void purgeCaches(const std::vector<Snapshot::Change>& changes);

} // namespace caapolicy
