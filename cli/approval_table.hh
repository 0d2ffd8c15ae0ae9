// SPDX-License-Identifier: GPL-2.0-or-later
//
// Approvals as a table for people.
#pragma once

#include "policy/model.hh"

#include <vector>

namespace caapolicy::cli {

// To stdout: a row for each, below it what has no room in a row. There has to be one.
void printApprovals(const std::vector<Approval>& approvals, const Policy& policy, Instant now);

} // namespace caapolicy::cli
