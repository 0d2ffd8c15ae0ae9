// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a policy must hold beyond being well written: names in the right file, grants within limits, nothing that
// cannot work. Pure functions over the compiled policy; each returns every problem that it finds.
#pragma once

#include "diagnostic.hh"
#include "model.hh"
#include "snapshot.hh"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace caapolicy {

// What a file of the policy may speak of.
struct FileRole {
  // Set for a delegated file: it may grant only at or below this name.
  std::optional<Name> node;
  bool operator==(const FileRole&) const = default;
};

// `roles` has one entry for each of the policy's files. `flattenNeeds`: the settings that the name server lacks for `cname: flatten`.
std::vector<Diagnostic> checkSubtrees(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now, const std::vector<std::string>& flattenNeeds = {});

// What is wrong with the approvals of names; of those only that have any problem. It depends on nothing but the approvals of
// the name, those with `subtree: true` above it, the subtrees, the roles, and what of it has begun or ended.
using ApprovalProblems = std::map<Name, std::vector<Diagnostic>>;
ApprovalProblems checkApprovals(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now);
ApprovalProblems checkApprovals(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now, const std::vector<Name>& names);

// Record sets that don't fit a UDP answer (over 1232 octets: a warning) or a DNS message (an error), each at the
// subtree or approval that makes the most of it, and of those at one place only the longest.
std::vector<Diagnostic> checkRecordSets(const Snapshot& snapshot);

} // namespace caapolicy
