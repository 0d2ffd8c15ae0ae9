// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a report tells, as data: the page and `--format json` are made of it.
#pragma once

#include "cli/output.hh"
#include "policy/loader.hh"

#include <optional>
#include <string>
#include <vector>

namespace caapolicy::cli {

// Denied names; none: nobody could be asked, and `why` says so.
struct AttemptsSeen {
  std::optional<std::vector<Json>> attempts;
  std::string why;
};

// `loaded` has a snapshot. Depends on nothing else than what it is given: the same input gives the same report.
//
// Issuers are listed once, under `issuers`; grants have their index. So it is with subtrees.
Json reportData(const LoadResult& loaded, const std::string& policyFile, Instant at, const AttemptsSeen& seen);

} // namespace caapolicy::cli
