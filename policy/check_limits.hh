// SPDX-License-Identifier: GPL-2.0-or-later
//
// Every grant against the `limits` of the subtrees that bind it: all at or above its name, and those below that
// inherit it. Pure.
#pragma once

#include "check.hh"
#include "policy_index.hh"

#include <functional>
#include <vector>

namespace caapolicy {

class LimitsCheck {
public:
  // `index` and `roles` outlive it. What it finds goes to `report`.
  LimitsCheck(PolicyIndex& index, const std::vector<FileRole>& roles, Instant now, std::function<void(Diagnostic)> report) :
    d_index(index), d_roles(roles), d_now(now), d_report(std::move(report)) {}

  // What a subtree allows, and what it inherits, which is granted there like anything else.
  void checkSubtree(const Subtree& subtree);
  void checkApproval(const Approval& approval);
  // Is anything granted at the name subject to limits?
  bool isLimited(WireName name) const;

private:
  template <typename Visit>
  void forEachLimits(WireName name, Visit visit) const;
  void checkInherited(const Subtree& subtree);
  void checkGrant(const Grant& grant, const Subtree& limiting);
  void checkIssuer(const Grant& grant, const Subtree& limiting);
  void checkLifetime(const Approval& approval, const Subtree& limiting);
  void report(Diagnostic diagnostic);
  bool delegatedBelow(uint32_t file, uint32_t other) const;

  PolicyIndex& d_index;
  const std::vector<FileRole>& d_roles;
  const Instant d_now;
  std::function<void(Diagnostic)> d_report;
};

} // namespace caapolicy
