// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a policy must hold beyond being well written: names in the right file, grants within limits, nothing that
// cannot work. Pure functions over the model; each returns every problem that it finds, in the order of files and places.
#pragma once

#include "diagnostic.hh"
#include "model.hh"
#include "snapshot.hh"

#include <optional>
#include <vector>

namespace caapolicy {

// What a file of the policy may speak of.
struct FileRole {
  // Set for a delegated file: it may grant only at or below this name.
  std::optional<Name> node;
};

// `roles` has one entry for each of policy.files. `flattenNeeds`: the settings that the name server lacks for `cname: flatten`.
std::vector<Diagnostic> checkPolicy(const Policy& policy, const std::vector<FileRole>& roles, Instant now,
                                    const std::vector<std::string>& flattenNeeds = {});

// Record sets that don't fit a UDP answer (over 1232 octets: a warning) or a DNS message (an error), each at the
// subtree or approval that makes the most of it, and of those at one place only the longest.
std::vector<Diagnostic> checkRecordSets(const Snapshot& snapshot);

} // namespace caapolicy
