// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.hh"

#include "check_limits.hh"
#include "check_redundant.hh"
#include "issuer_rules.hh"
#include "messages.hh"
#include "policy_index.hh"

#include <algorithm>
#include <array>
#include <tuple>

namespace caapolicy {

namespace {

class PolicyCheck {
public:
  PolicyCheck(const Policy& policy, const std::vector<FileRole>& roles, Instant now, const std::vector<std::string>& flattenNeeds) :
    d_policy(policy), d_roles(roles), d_now(now), d_flattenNeeds(flattenNeeds), d_index(policy)
  {
  }

  std::vector<Diagnostic> run()
  {
    for (const Subtree& subtree : d_policy.subtrees) {
      checkDelegation(subtree.name, subtree.where);
      if (subtree.cname == CnameMode::Flatten && !d_flattenNeeds.empty()) {
        report(messages::flattenNeedsSettings(subtree.where, subtree.name.toText(), d_flattenNeeds));
      }
      for (const Grant& grant : subtree.allow) {
        checkWildcardMethods(grant);
      }
    }
    for (const Approval& approval : d_policy.approvals) {
      checkApproval(approval);
    }
    checkLimits(d_policy, d_index, d_roles, d_now, d_diagnostics);

    std::stable_sort(d_diagnostics.begin(), d_diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
      const auto place = [](const Location& where) { return std::make_tuple(where.file, where.line, where.column); };
      return place(a.where) < place(b.where);
    });
    return std::move(d_diagnostics);
  }

private:
  void checkApproval(const Approval& approval)
  {
    for (const Grant& grant : approval.grants) {
      checkWildcardMethods(grant);
    }
    if (!checkDelegation(approval.name, approval.where)) {
      return;
    }
    if (d_index.governing(approval.name.wire()) == nullptr) {
      report(messages::approvalOutsideSubtrees(approval.where, approval.name.toText()));
      return;
    }
    if (approval.until <= d_now) { // what it would do no longer matters
      report(messages::approvalExpired(approval.where, approval.name.toText(), approval.until));
      return;
    }
    checkNeed(approval);
    checkReach(approval);
  }

  bool checkDelegation(const Name& name, const Location& where)
  {
    if (where.file >= d_roles.size() || !d_roles[where.file].node) {
      return true;
    }
    const Name& node = *d_roles[where.file].node;
    if (isAtOrBelow(name.wire(), node.wire())) {
      return true;
    }
    const Subtree* delegating = d_index.subtreeAt(node.wire());
    report(messages::outsideDelegation(where, name.toText(), node.toText(),
                                       delegating == nullptr ? std::nullopt : std::optional(delegating->where)));
    return false;
  }

  void checkWildcardMethods(const Grant& grant)
  {
    const auto& methods = grant.issuer.methods;
    if (grant.wildcard != Wildcard::No && proveHostOnly(methods)) {
      report(messages::wildcardWithoutMethod(grant.where, grant.writtenAs, methods));
    }
  }

  void checkNeed(const Approval& approval)
  {
    if (d_index.denied(approval.name.wire())) { // nothing is granted there now, but it will be again
      return;
    }
    if (const auto covering = findCovering(d_index, approval)) {
      report(covering->approval != nullptr
               ? messages::approvedAlready(approval.where, approval.name.toText(), covering->grant->writtenAs,
                                           covering->approval->name.toText(), covering->approval->where)
               : messages::allowedAlready(approval.where, approval.name.toText(), covering->grant->writtenAs,
                                          covering->subtree->name.toText(), covering->grant->where));
    }
  }

  void checkReach(const Approval& approval)
  {
    if (!approval.subtree) {
      return;
    }
    if (const Subtree* cut = d_index.firstCutBelow(approval.name)) {
      report(messages::approvalStopsAtSubtree(approval.where, approval.name.toText(), cut->name.toText(), cut->where));
    }
  }

  void report(Diagnostic diagnostic) { d_diagnostics.push_back(std::move(diagnostic)); }

  const Policy& d_policy;
  const std::vector<FileRole>& d_roles;
  const Instant d_now;
  const std::vector<std::string>& d_flattenNeeds;
  const PolicyIndex d_index;
  std::vector<Diagnostic> d_diagnostics;
};

} // namespace

std::vector<Diagnostic> checkPolicy(const Policy& policy, const std::vector<FileRole>& roles, Instant now,
                                    const std::vector<std::string>& flattenNeeds)
{
  return PolicyCheck(policy, roles, now, flattenNeeds).run();
}

} // namespace caapolicy
