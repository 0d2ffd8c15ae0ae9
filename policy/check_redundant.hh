// SPDX-License-Identifier: GPL-2.0-or-later
//
// Approvals that change nothing, as all that they grant is granted anyway. Pure.
#pragma once

#include "policy_index.hh"

#include <optional>

namespace caapolicy {

// None: the approval grants something that nothing else does. Otherwise what makes its first grant needless.
// Of two that grant the very same, only the later one is needless, so that all that are can be removed at once.
std::optional<GrantSource> findCovering(PolicyIndex& index, const Approval& approval);

} // namespace caapolicy
