// SPDX-License-Identifier: GPL-2.0-or-later
//
// Every grant against the `limits` of the subtrees that bind it: all at or above its name, and those below that
// inherit it. Pure.
#pragma once

#include "check.hh"
#include "policy_index.hh"

namespace caapolicy {

void checkLimits(const Policy& policy, const PolicyIndex& index, const std::vector<FileRole>& roles, Instant now,
                 std::vector<Diagnostic>& diagnostics);

} // namespace caapolicy
