// SPDX-License-Identifier: GPL-2.0-or-later
//
// Approvals, and who may issue, in words and as JSON; for the commands that list and change them.
#pragma once

#include "cli/output.hh"
#include "policy/snapshot.hh"

#include <string>
#include <vector>

namespace caapolicy::cli {

// "le-web, digicert.com": the issuers as they are written.
std::string issuersOf(const Approval& approval);
// What it is for: "this name only", "this name and its wildcard", "its wildcard only", or all below as well.
std::string scopeOf(const Approval& approval);
bool isLive(const Approval& approval, Instant now);
// "until 2026-12-22T09:00:00Z", or "for ever".
std::string endOf(const Approval& approval);
Json toJson(const Approval& approval, const Policy& policy, Instant now);

// Who may issue for the name, one text each: "letsencrypt.org, no wildcard, any account, method dns-01". Sorted; each once.
std::vector<std::string> holders(const Snapshot& snapshot, const Name& name, Instant now);
// The same in one line; "nobody" where it is.
std::string holdersText(const Snapshot& snapshot, const Name& name, Instant now);
// The records of the name, and those of `*.name` where they are others, as lines of a zone file.
std::vector<std::string> recordLines(const Snapshot& snapshot, const Name& name, Instant now);

// How long a CA may act on what it saw (CA/Browser Forum Baseline Requirements 3.2.2.8): "8 hours", or the TTL if that is longer.
std::string actsOnFor(const Snapshot& snapshot, const Name& name, Instant now);

// When the change of a name gets to servers and resolvers.
std::string inForceWhen(const Snapshot& before, const Name& name, Instant now);

} // namespace caapolicy::cli
