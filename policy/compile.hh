// SPDX-License-Identifier: GPL-2.0-or-later
//
// Policy -> Snapshot. What the policy before had as well is taken from its snapshot, so that a change among a million approvals
// costs what the change is worth, and not what the policy is.
//
// One thread uses a Compiler at a time.
#pragma once

#include "file_approvals.hh"
#include "snapshot.hh"

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace caapolicy {

// Which sets have been made already.
struct KnownSets {
  std::unordered_map<std::string, uint32_t> byGrants;  // governing subtree and grants -> index of the set
  std::unordered_map<std::string, uint32_t> byContent; // records -> index of the set
};

struct Compiled {
  std::shared_ptr<const Snapshot> snapshot;
  // All was made anew. Otherwise `touched` are the names that were made anew or are gone, in canonical order, and all
  // others are as they were in the base.
  bool whole{true};
  std::vector<Name> touched;
  KnownSets newSets; // for Compiler::adopt
};

class Compiler {
public:
  // With defects in it, too, that the checks (check.hh) would find: such a snapshot is only to be looked at.
  Compiled compile(std::shared_ptr<const Policy> policy);
  // Makes it the base that later compilations take from.
  void adopt(Compiled compiled);

  const std::shared_ptr<const Snapshot>& base() const { return d_base; }

private:
  std::shared_ptr<const Snapshot> d_base;
  KnownSets d_known;    // of the base
  IssuerPool d_allowed; // issuers of subtrees' `allow`
  // What `byGrants` speaks of by address stays alive.
  std::unordered_set<std::shared_ptr<const IssuerPool>> d_pools;
};

} // namespace caapolicy
