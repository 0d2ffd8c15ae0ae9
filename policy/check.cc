// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.hh"

#include "check_limits.hh"
#include "check_redundant.hh"
#include "file_approvals.hh"
#include "issuer_rules.hh"
#include "messages.hh"
#include "policy_index.hh"

#include <algorithm>

namespace caapolicy {

namespace {

class PolicyCheck {
public:
  PolicyCheck(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now) :
    d_snapshot(snapshot), d_roles(roles), d_now(now), d_index(snapshot), d_limits(d_index, roles, now, [this](Diagnostic diagnostic) { report(std::move(diagnostic)); })
  {
  }

  std::vector<Diagnostic> checkSubtrees(const std::vector<std::string>& flattenNeeds)
  {
    for (const Subtree& subtree : d_snapshot.policy().subtrees) {
      checkDelegation(subtree.name, subtree.where);
      if (subtree.cname == CnameMode::Flatten && !flattenNeeds.empty()) {
        report(messages::flattenNeedsSettings(subtree.where, subtree.name.toText(), flattenNeeds));
      }
      for (const Grant& grant : subtree.allow) {
        checkWildcardMethods(grant);
      }
      d_limits.checkSubtree(subtree);
    }
    return std::move(d_diagnostics);
  }

  void checkName(const Node& node, ApprovalProblems& problems)
  {
    if (node.approvals().empty() || isPlain(node)) {
      return;
    }
    for (const auto& approval : d_index.approvalsAt(node.name())) {
      checkApproval(*approval);
      d_limits.checkApproval(*approval);
    }
    if (!d_diagnostics.empty()) {
      problems.emplace(Name::fromWire(node.name()), std::move(d_diagnostics));
      d_diagnostics.clear();
    }
  }

private:
  // Nothing that is looked for can be found: so it is with nearly all of a million, which need not be unpacked then.
  bool isPlain(const Node& node)
  {
    if (node.approvals().size() != 1 || node.isDeclared() || node.subtree() == kNone) {
      return false;
    }
    const PlacedApprovals& placed = d_snapshot.placed(node.approvals().front());
    const ApprovalList::Item approval = placed.approvals->list()[node.approvals().front().index];
    const bool isOfTeam = placed.file < d_roles.size() && d_roles[placed.file].node;
    return !isOfTeam && approval.until > d_now && !approval.subtree && approval.wildcard == Wildcard::No && isPlainBelow(parentOf(node.name()));
  }

  // Nothing reaches the names below that one, and there are no limits to what may be granted there. The siblings of a name
  // come one after the other.
  bool isPlainBelow(WireName above)
  {
    if (d_above.wire() != above || !d_isPlainBelow) {
      d_above = Name::fromWire(above);
      d_isPlainBelow = !d_index.reachesBelow(above) && !d_limits.isLimited(above);
    }
    return *d_isPlainBelow;
  }

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

  const Snapshot& d_snapshot;
  const std::vector<FileRole>& d_roles;
  const Instant d_now;
  PolicyIndex d_index;
  LimitsCheck d_limits;
  std::vector<Diagnostic> d_diagnostics;
  Name d_above; // what d_isPlainBelow is of
  std::optional<bool> d_isPlainBelow;
};

} // namespace

std::vector<Diagnostic> checkSubtrees(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now, const std::vector<std::string>& flattenNeeds)
{
  return PolicyCheck(snapshot, roles, now).checkSubtrees(flattenNeeds);
}

ApprovalProblems checkApprovals(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now)
{
  PolicyCheck check(snapshot, roles, now);
  ApprovalProblems problems;
  for (size_t index = 0; index < snapshot.listedCount(); ++index) {
    check.checkName(snapshot.node(index), problems);
  }
  return problems;
}

ApprovalProblems checkApprovals(const Snapshot& snapshot, const std::vector<FileRole>& roles, Instant now, const std::vector<Name>& names)
{
  PolicyCheck check(snapshot, roles, now);
  ApprovalProblems problems;
  for (const Name& name : names) {
    if (const Node* node = snapshot.findNode(name.wire())) {
      check.checkName(*node, problems);
    }
  }
  return problems;
}

} // namespace caapolicy
