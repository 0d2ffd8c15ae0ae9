// SPDX-License-Identifier: GPL-2.0-or-later
//
// Takes approvals out of a file that a person wrote: their lines, or their part of a line, with the comment lines that stand
// directly above, and not a byte more. A comment above a blank line stays, as it may be about several.
//
// Pure; any thread may call it.
#pragma once

#include "source.hh"

#include <optional>
#include <string>
#include <vector>

namespace caapolicy {

struct Withdrawal {
  Location approval;             // Approval::where
  std::vector<Location> issuers; // Grant::where of those that are to go; none: the whole approval
};

// The new text of the file, which is a good YAML or (by its name) JSON Lines file of a policy. None: it is written in a way
// in which they can't be taken out without touching something else. What is returned was read again, and found to be the
// same but for what was to go.
std::optional<std::string> withoutApprovals(const SourceFile& file, const std::vector<Withdrawal>& withdrawals);

// Does the file hold one approval and, but for comment lines, nothing else?
bool holdsOneApproval(const SourceFile& file);

} // namespace caapolicy
