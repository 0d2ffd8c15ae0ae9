// SPDX-License-Identifier: GPL-2.0-or-later
//
// From the CAA records that a zone has to a policy that means the same, as far as a policy can say it.
//
// A set at a name holds for all names below as well, up to the next set: it is a subtree. Where all that it does is to allow more than the set
// above it, and no set is below it, it becomes an approval, which people can then limit in time. A name at or above which the zone
// has no set, or one that allows everybody, is left to the zone: not governed.
//
// Aliases, and the names below them, are left out of all this: the CAA of their targets decides.
//
// Pure function; any thread may call it.
#pragma once

#include "stored_zone.hh"

#include <string>
#include <vector>

namespace caapolicy {

struct ImportNote {
  Name name;   // of a set; it may be `*.N`
  std::string record; // empty: it is about the whole set
  std::string text;
  // The policy says something else there than the zone.
  bool changesMeaning{false};
};

struct Imported {
  std::string policy;    // the root file
  std::string approvals; // what goes below `approvals:`; empty: none
  std::vector<ImportNote> notes; // what could not be carried over, and what to know, in the order of names
  size_t subtreeCount{0}, approvalCount{0};
};

Imported importZone(const StoredZone& zone);

} // namespace caapolicy
