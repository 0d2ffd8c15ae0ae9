// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the policy says of a name, for a person: who may issue, by which line of which file, until when, and the
// records that say so. Speaks of the policy alone; what a zone makes of it is for others to add.
#pragma once

#include "snapshot.hh"

#include <string>

namespace caapolicy {

// Several lines, each with its line break.
std::string explainName(const Snapshot& snapshot, const Name& name, Instant now);

} // namespace caapolicy
