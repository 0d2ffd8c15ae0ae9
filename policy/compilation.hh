// SPDX-License-Identifier: GPL-2.0-or-later
//
// One compilation of a policy. See compile.hh, which is for those who need one.
#pragma once

#include "compile.hh"

namespace caapolicy {

// `base`: a snapshot to begin from, whose policy is the same but for approvals, in files that come in the same order; null: none. `known` is
// what the base has. Issuers of `allow` are taken from the pool, which outlives what is compiled.
Compiled compileOn(const Snapshot* base, const KnownSets& known, std::shared_ptr<const Policy> policy, IssuerPool& allowed);

} // namespace caapolicy
