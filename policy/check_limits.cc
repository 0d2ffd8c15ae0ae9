// SPDX-License-Identifier: GPL-2.0-or-later
#include "check_limits.hh"

#include "issuer_match.hh"
#include "messages.hh"

#include <algorithm>

namespace caapolicy {

template <typename Visit>
void LimitsCheck::forEachLimits(WireName name, Visit visit) const
{
  for (const Subtree* subtree = d_index.governing(name); subtree != nullptr; subtree = d_index.above(subtree->name.wire())) {
    if (subtree->limits) {
      visit(*subtree);
    }
  }
}

bool LimitsCheck::isLimited(WireName name) const
{
  bool isLimited = false;
  forEachLimits(name, [&isLimited](const Subtree&) { isLimited = true; });
  return isLimited;
}

void LimitsCheck::checkSubtree(const Subtree& subtree)
{
  for (const Grant& grant : subtree.allow) {
    forEachLimits(subtree.name.wire(), [&](const Subtree& limiting) { checkGrant(grant, limiting); });
  }
  checkInherited(subtree);
}

void LimitsCheck::checkApproval(const Approval& approval)
{
  forEachLimits(approval.name.wire(), [&](const Subtree& limiting) {
    for (const Grant& grant : approval.grants) {
      checkGrant(grant, limiting);
    }
    checkLifetime(approval, limiting);
  });
}

void LimitsCheck::checkInherited(const Subtree& subtree)
{
  if (!subtree.limits) {
    return;
  }
  std::shared_ptr<const Approval> last;
  for (const GrantSource& source : d_index.inheritedBy(subtree)) {
    checkGrant(*source.grant, subtree);
    if (source.approval != nullptr && source.approval != last) {
      checkLifetime(*source.approval, subtree);
      last = source.approval;
    }
  }
}

void LimitsCheck::checkGrant(const Grant& grant, const Subtree& limiting)
{
  const Limits& limits = *limiting.limits;
  const std::string within = limiting.name.toText();
  if (limits.issuers) {
    checkIssuer(grant, limiting);
  }
  if (limits.requireAccount && grant.issuer.accounts.empty()) {
    report(messages::limitDemandsAccount(grant.where, grant.writtenAs, within, limits.requireWhere));
  }
  if (limits.requireMethod && grant.issuer.methods.empty()) {
    report(messages::limitDemandsMethod(grant.where, grant.writtenAs, within, limits.requireWhere));
  }
  if (!limits.wildcard && grant.wildcard != Wildcard::No) {
    report(messages::limitForbidsWildcard(grant.where, grant.writtenAs, within, limits.wildcardWhere));
  }
}

void LimitsCheck::checkIssuer(const Grant& grant, const Subtree& limiting)
{
  // Of several entries for the CA, the one that comes nearest to holding the grant explains best.
  const Issuer* nearest = nullptr;
  Excess least = Excess::Ca;
  std::vector<std::string> cas;
  for (const Issuer& issuer : *limiting.limits->issuers) {
    const Excess excess = excessOf(grant.issuer, issuer);
    if (excess == Excess::None) {
      return;
    }
    if (excess != Excess::Ca && (nearest == nullptr || (excess == Excess::Methods && least == Excess::Accounts))) {
      nearest = &issuer;
      least = excess;
    }
    if (std::find(cas.begin(), cas.end(), issuer.ca) == cas.end()) {
      cas.push_back(issuer.ca);
    }
  }
  const Location& limit = limiting.limits->issuersWhere;
  const std::string within = limiting.name.toText();
  if (nearest == nullptr) {
    report(messages::limitHasOtherCas(grant.where, grant.writtenAs, within, grant.issuer.ca, cas, limit));
  }
  else if (least == Excess::Accounts) {
    const std::string* account = firstBeyond(grant.issuer.accounts, nearest->accounts);
    report(account != nullptr ? messages::limitHasOtherAccounts(grant.where, grant.writtenAs, within, *account, limit)
                              : messages::limitBindsAccounts(grant.where, grant.writtenAs, within, grant.issuer.ca, limit));
  }
  else {
    const std::string* method = firstBeyond(grant.issuer.methods, nearest->methods);
    report(method != nullptr ? messages::limitHasOtherMethods(grant.where, grant.writtenAs, within, *method, nearest->methods, limit)
                             : messages::limitBindsMethods(grant.where, grant.writtenAs, within, grant.issuer.ca, nearest->methods, limit));
  }
}

void LimitsCheck::checkLifetime(const Approval& approval, const Subtree& limiting)
{
  const Limits& limits = *limiting.limits;
  if (!limits.lifetime) {
    return;
  }
  const Instant begin = approval.from == kBeginningOfTime ? d_now : approval.from;
  const Instant latest = begin > kEndOfTime - *limits.lifetime ? kEndOfTime : begin + *limits.lifetime;
  if (approval.until == kEndOfTime) {
    report(messages::limitDemandsUntil(approval.where, approval.name.toText(), limiting.name.toText(), latest, limits.lifetimeWhere));
  }
  else if (approval.until > latest) {
    report(messages::limitShortensLifetime(approval.where, approval.name.toText(), limiting.name.toText(), *limits.lifetime, latest,
                                           limits.lifetimeWhere));
  }
}

// A file must not be able to make a file wrong that hands rights down to it. So where the limit is the doing of
// the more deeply delegated file, it is the limit that is out of place, not the grant.
void LimitsCheck::report(Diagnostic diagnostic)
{
  if (delegatedBelow(diagnostic.related->file, diagnostic.where.file)) {
    diagnostic = messages::limitConflictsWithGrant(std::move(diagnostic));
  }
  d_report(std::move(diagnostic));
}

bool LimitsCheck::delegatedBelow(uint32_t file, uint32_t other) const
{
  const auto node = [this](uint32_t index) { return index < d_roles.size() ? d_roles[index].node : std::nullopt; };
  const auto mine = node(file);
  const auto theirs = node(other);
  return mine && (!theirs || (*mine != *theirs && isAtOrBelow(mine->wire(), theirs->wire())));
}

} // namespace caapolicy
