// SPDX-License-Identifier: GPL-2.0-or-later
//
// Words that a policy or the server knows, to complete command lines with.
#pragma once

#include "cli/candidates.hh"
#include "cli/program.hh"

namespace caapolicy::cli {

// Says nothing, and has nothing to offer where the policy can't be read. Takes as long as a load of the policy, where one is needed.
std::vector<Candidate> policyWords(const Wanted& wanted, const Common& common);

} // namespace caapolicy::cli
