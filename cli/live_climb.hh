// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a CA sees of a name when it looks for the record set that counts (RFC 8659 3), and how that is beside the policy.
#pragma once

#include "cli/dns_lookup.hh"
#include "policy/snapshot.hh"

#include <optional>

namespace caapolicy::cli {

struct LiveClimb {
  std::vector<Lookup> steps; // the last one ended it: it has records, or failed, or nobody is left to ask

  // The step whose set decides; null: none has one, or it can't be told.
  const Lookup* decider() const { return steps.back().outcome == Outcome::Records ? &steps.back() : nullptr; }
  bool failed() const { return steps.back().outcome == Outcome::Failed; }
  // The climb led to what this server doesn't have.
  bool leaves() const { return steps.back().outcome == Outcome::NotServed; }
  // Seconds until all that was seen, on the way as well, is gone from caches.
  uint32_t longestTtl() const;
};

LiveClimb climbLive(const Name& name, LookupSource& source);

// What the evaluator says to what was seen; none: a lookup failed or is missing.
std::optional<Verdict> judge(const LiveClimb& climb, const CaRequest& request);

struct Comparison {
  Name name;                     // whose set by the policy it was compared with; another one than was asked for where that is an alias
  bool governed{false};          // else there is nothing to compare
  std::vector<CaaRecord> missing; // in the policy alone
  std::vector<CaaRecord> extra;   // seen alone

  bool same() const { return missing.empty() && extra.empty(); }
};

// None: a lookup failed, or it is up to a server that was not asked.
std::optional<Comparison> compare(const LiveClimb& climb, const Snapshot& snapshot, Instant at);

} // namespace caapolicy::cli
